"""Baskets as shoppers of a supermarket fill them, for demo sales, benchmarks and property tests.

Standard library only; the caller passes the random generator, so the same seed gives the same day.

The number of lines follows a lognormal law, rounded: mean 9.4, median 5, a long tail cut at 120 lines. Half
of the lines carry a discount. What is in a basket follows the products' popularity; most lines are single
units, weighed goods come with grams.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import accumulate
from random import Random

MEDIAN_LINES = 5
MEAN_LINES = 9.4
MAX_LINES = 120
# Chosen so that after rounding and the cut the median is 5 and the mean 9.4 (checked by a test).
_MU = 1.6
_SIGMA = 1.138
DISCOUNTED_SHARE = 0.5
DISCOUNT_PERCENTS = (5, 10, 15, 20, 25, 30, 50)
# Customers per hour of the day, 0 to 23, as a share of the busiest hour: a morning shoulder and an evening
# peak.
HOURLY = (0, 0, 0, 0, 0, 0, 0, 25, 40, 50, 60, 70, 72, 62, 55, 60, 78, 100, 92, 66, 38, 14, 0, 0)


@dataclass(frozen=True, slots=True)
class Article:
    """What a basket needs to know of a product: its key, how often it is bought, whether it is weighed."""

    key: int
    popularity: int = 1
    is_weighed: bool = False


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line: an article, how many (or how many grams), and a discount in percent, 0 for none."""

    key: int
    quantity: int
    weight_grams: int | None
    discount_percent: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What one shopper puts on the belt."""

    lines: tuple[BasketLine, ...]


class BasketMaker:
    """Draws baskets from a fixed set of articles."""

    def __init__(self, articles: Sequence[Article], *, rng: Random) -> None:
        """Raises ValueError without articles."""
        if not articles:
            raise ValueError("a basket needs articles to choose from")
        self._articles = articles
        # Squared: a bestseller of weight 9 is bought eighty times as often as a slow mover, as on real
        # shelves.
        self._bounds = list(accumulate(article.popularity**2 for article in articles))
        self._rng = rng

    def draw(self) -> Basket:
        """The next basket. No article stands in it twice."""
        wanted = min(draw_line_count(self._rng), len(self._articles))
        chosen: dict[int, Article] = {}
        while len(chosen) < wanted:
            article = self._pick()
            chosen.setdefault(article.key, article)
        return Basket(tuple(self._line(article) for article in chosen.values()))

    def _pick(self) -> Article:
        return self._articles[bisect(self._bounds, self._rng.random() * self._bounds[-1])]

    def _line(self, article: Article) -> BasketLine:
        discount = self._rng.choice(DISCOUNT_PERCENTS) if self._rng.random() < DISCOUNTED_SHARE else 0
        if article.is_weighed:
            grams = 5 * max(12, round(self._rng.lognormvariate(4.4, 0.55)))
            return BasketLine(article.key, 1, min(grams, 5000), discount)
        quantity = self._rng.choices((1, 2, 3, 4, 6), weights=(74, 15, 5, 3, 3))[0]
        return BasketLine(article.key, quantity, None, discount)


def draw_line_count(rng: Random) -> int:
    """How many lines the next basket has: 1 to 120, mean 9.4, median 5."""
    return min(MAX_LINES, max(1, round(rng.lognormvariate(_MU, _SIGMA))))


def draw_arrivals(day: date, *, count: int, zone: tzinfo, rng: Random) -> list[datetime]:
    """When `count` shoppers reach the tills on a day, in order, by the hourly profile: aware times in
    `zone`.
    """
    hours = rng.choices(range(24), weights=HOURLY, k=count)
    start = datetime.combine(day, time(), tzinfo=zone)
    return sorted(start + timedelta(hours=hour, seconds=rng.randrange(3600)) for hour in hours)
