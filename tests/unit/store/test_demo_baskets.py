"""Baskets have the shape that was asked for, and are the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest

from store.demo.assortment import products
from store.demo.baskets import HOURLY, MAX_LINES, Article, BasketMaker, draw_arrivals, draw_line_count

ARTICLES = [
    Article(number, product.popularity, product.is_weighed) for number, product in enumerate(products())
]


@pytest.fixture(scope="module")
def drawn():
    maker = BasketMaker(ARTICLES, rng=Random(7))
    return [maker.draw() for _ in range(4000)]


def test_line_counts_have_mean_9_4_and_median_5():
    rng = Random(1)
    counts = [draw_line_count(rng) for _ in range(60_000)]
    assert mean(counts) == pytest.approx(9.4, abs=0.2)
    assert median(counts) == 5
    assert (min(counts), max(counts)) == (1, MAX_LINES)


def test_half_of_the_lines_are_discounted(drawn):
    lines = [line for basket in drawn for line in basket.lines]
    assert sum(line.discount_percent > 0 for line in lines) / len(lines) == pytest.approx(0.5, abs=0.01)


def test_baskets_hold_no_article_twice(drawn):
    for basket in drawn:
        assert len({line.key for line in basket.lines}) == len(basket.lines)


def test_weighed_goods_come_with_grams_and_others_with_units(drawn):
    for basket in drawn:
        for line in basket.lines:
            if ARTICLES[line.key].is_weighed:
                assert line.quantity == 1
                assert 60 <= line.weight_grams <= 5000
                assert line.weight_grams % 5 == 0
            else:
                assert line.weight_grams is None
                assert 1 <= line.quantity <= 6


def test_popular_goods_are_bought_more_often(drawn):
    bought = Counter(line.key for basket in drawn for line in basket.lines)
    of = {article.key: article.popularity for article in ARTICLES}
    per_article = {
        weight: mean(bought[key] for key in of if of[key] == weight) for weight in set(of.values())
    }
    assert per_article[9] > 10 * per_article[2]


def test_same_seed_draws_the_same_baskets():
    one, two = (BasketMaker(ARTICLES, rng=Random(3)) for _ in range(2))
    assert [one.draw() for _ in range(50)] == [two.draw() for _ in range(50)]


def test_small_assortments_bound_the_basket():
    maker = BasketMaker([Article(1), Article(2)], rng=Random(5))
    assert max(len(maker.draw().lines) for _ in range(200)) == 2


def test_no_articles_is_refused():
    with pytest.raises(ValueError, match="needs articles"):
        BasketMaker([], rng=Random(1))


def test_arrivals_follow_the_opening_hours_in_order():
    times = draw_arrivals(date(2026, 11, 23), count=3000, zone=ZoneInfo("Europe/Berlin"), rng=Random(2))
    assert times == sorted(times)
    assert {moment.hour for moment in times} == {hour for hour, share in enumerate(HOURLY) if share}
    assert Counter(moment.hour for moment in times).most_common(1)[0][0] in {16, 17, 18}
