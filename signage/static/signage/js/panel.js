// What somebody standing at the screen may want to know: move the pointer or press I.

const SHOWN_MS = 8000;

export class Panel {
  constructor({ texts, facts }) {
    this.texts = texts;
    this.facts = facts;
    this.node = document.getElementById("panel");
  }

  start() {
    addEventListener("pointermove", () => this.show(), { passive: true });
    addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "i") this.show();
      if (event.key === "Escape") this.hide();
    });
  }

  show() {
    if (document.body.dataset.state !== "playing") return;
    clearTimeout(this.timer);
    clearInterval(this.refresh);
    this.draw();
    this.node.hidden = false;
    document.body.dataset.panel = "";
    this.refresh = setInterval(() => this.draw(), 1000);
    this.timer = setTimeout(() => this.hide(), SHOWN_MS);
  }

  hide() {
    clearInterval(this.refresh);
    this.node.hidden = true;
    delete document.body.dataset.panel;
  }

  draw() {
    const list = document.createElement("dl");
    for (const [key, value] of Object.entries(this.facts())) {
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = this.texts[`about_${key}`];
      text.textContent = value || "–";
      list.append(term, text);
    }
    this.node.replaceChildren(list);
  }
}
