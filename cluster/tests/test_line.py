"""Whose turn it is, and with whom they run."""

from dataclasses import dataclass

from cluster.line import Bounds, Line, with_companions

BOUNDS = Bounds(tokens=64, padding=1.15)


@dataclass(eq=False)
class Row:
    tokens: int
    arrived: float = 0.0
    asker: str = "somebody"
    place: tuple[str, int] = ("fp16", 9)


def tokens_of(rows: list[Row]) -> list[int]:
    return [row.tokens for row in rows]


def test_a_batch_is_made_of_those_nearest_in_length_within_its_tokens() -> None:
    batch = with_companions(Row(20), [Row(40), Row(21), Row(19), Row(20)], BOUNDS)
    assert tokens_of(batch) == [20, 20, 21]


def test_a_short_row_does_not_run_beside_a_long_one() -> None:
    assert tokens_of(with_companions(Row(30), [Row(6)], BOUNDS)) == [30]


def test_a_row_over_the_bound_runs_alone() -> None:
    assert tokens_of(with_companions(Row(100), [Row(100), Row(4)], BOUNDS)) == [100]


def line_of(*rows: Row) -> Line[Row]:
    line: Line[Row] = Line(BOUNDS)
    for row in rows:
        line.enter(row)
        line.wait(row)
    return line


def test_only_who_stands_before_the_same_layer_runs_together() -> None:
    line = line_of(Row(10, 1), Row(10, 2, place=("fp16", 10)), Row(10, 3, place=("q8", 9)), Row(10, 4))
    batches = [line.next_batch() for _ in range(4)]
    assert [[row.arrived for row in batch] for batch in batches] == [[1, 4], [2], [3], []]


def test_who_sends_many_does_not_keep_one_who_sends_few_waiting() -> None:
    many = [Row(60, arrived, "many") for arrived in range(5)]
    line = line_of(*many, Row(60, 9, "few"))
    assert [row.asker for _ in range(3) for row in line.next_batch()] == ["many", "few", "many"]


def test_nobody_saves_turns_up_by_coming_late() -> None:
    line = line_of(*[Row(60, arrived, "early") for arrived in range(4)])
    for _ in range(2):
        line.next_batch()
    for arrived in (10, 11):
        late = Row(60, arrived, "late")
        line.enter(late)
        line.wait(late)
    assert [row.asker for _ in range(3) for row in line.next_batch()] == ["early", "late", "early"]


def test_who_has_gone_is_not_run() -> None:
    gone, stays = Row(10, 1), Row(10, 2)
    line = line_of(gone, stays)
    line.leave(gone)
    assert line.next_batch() == [stays]
