// One item as elements: a picture, a product with the till's price, a message, opening hours. Text is text, never markup.

function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

async function image(url) {
  const node = new Image();
  node.alt = "";
  node.decoding = "sync";
  node.src = url;
  await node.decode();
  return node;
}

/** The price of a card in the store's money, or null when it is unknown, over, or the link is stale. */
export function priceText(card, display, { now, fresh }) {
  const over = card.price_until && Date.parse(card.price_until) <= now;
  if (!fresh || over || card.price_minor === null || card.price_minor === undefined) return null;
  const format = new Intl.NumberFormat(display.locale, { style: "currency", currency: display.currency,
    minimumFractionDigits: display.exponent, maximumFractionDigits: display.exponent });
  return format.format(card.price_minor / 10 ** display.exponent);
}

function priceNode(text, card) {
  return el("p", "offer__price", text, card.is_weighed ? el("small", "", `/${card.unit}`) : null);
}

async function offer(item, { manifest, moment }) {
  const card = manifest.cards[String(item.product)];
  if (!card) return null;
  const body = el("div", "offer__body", el("p", "offer__name", card.name), el("p", "offer__size", card.size));
  const text = priceText(card, manifest.display, moment);
  if (text) body.append(priceNode(text, card));
  body.append(el("p", "offer__store", manifest.display.store));
  const picture = el("div", "offer__picture");
  if (card.picture) picture.append(await image(card.picture).catch(() => ""));
  return el("div", "slide slide--price", picture, body);
}

function message({ data }) {
  return el("div", `slide slide--message tone--${/^[a-z]+$/.test(data.tone) ? data.tone : "blue"}`,
    el("p", "slide__headline", data.headline ?? ""), data.text ? el("p", "slide__text", data.text) : null);
}

function hours({ data }) {
  const rows = (data.rows ?? []).flatMap(([day, time]) => [el("dt", "", day), el("dd", "", time)]);
  return el("div", `slide slide--hours tone--${/^[a-z]+$/.test(data.tone) ? data.tone : "green"}`,
    el("p", "slide__headline", data.headline ?? ""), el("dl", "hours", ...rows));
}

/** The card of last resort: never black. */
export function brand(name) {
  return el("div", "slide slide--brand", el("p", "brand", name));
}

/** The slide of an item, decoded and ready; null when it cannot be shown. */
export async function slide(item, context) {
  if (item.kind === "IMAGE") {
    const node = await image(item.url).catch(() => null);
    return node && el("div", "slide slide--image", node);
  }
  if (item.kind === "PRICE") return offer(item, context);
  if (item.kind === "MESSAGE") return message(item);
  if (item.kind === "HOURS") return hours(item);
  return null;
}

/** Puts the price of a card that is on the screen right, or takes it away. */
export function refreshPrice(layer, item, { manifest, moment }) {
  const body = layer.querySelector(".offer__body");
  const card = manifest.cards[String(item.product)];
  if (!body || !card) return;
  const text = priceText(card, manifest.display, moment);
  const shown = body.querySelector(".offer__price");
  if (!text) shown?.remove();
  else if (!shown) body.querySelector(".offer__store").before(priceNode(text, card));
  else if (shown.firstChild.textContent !== text) shown.replaceWith(priceNode(text, card));
}
