"""Merging what two people made of one form, over any sequences of edits."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from trendsite.shared.merging.three_way import (
    ORDER,
    FormState,
    RowState,
    merge,
    merged_order,
    tokens,
)

NAMES = ["title", "subtitle", "shift"]
TEXTS = st.sampled_from(["", "one", "two", "three"])
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(NAMES), TEXTS),
        st.tuples(st.just("choose"), st.sampled_from("abc"), st.booleans()),
        st.tuples(st.just("row"), st.integers(0, 5), TEXTS),
        st.tuples(st.just("add"), st.integers(0, 99), TEXTS),
        st.tuples(st.just("remove"), st.integers(0, 5), TEXTS),
        st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 5)),
    ),
    max_size=8,
)


def beginning() -> FormState:
    rows = [
        RowState(str(number), {"text": f"row {number}", "note": "", ORDER: str(number)})
        for number in range(4)
    ]
    return FormState({**dict.fromkeys(NAMES, "start"), "chosen": ["a", "b"]}, {"rows": rows})


def edited(state: FormState, edits: list, who: str) -> FormState:
    """A state after a person's edits; rows that were removed are gone, as after a save."""
    values, rows = dict(state.values), list(state.rows["rows"])
    for edit, where, what in edits:
        place = where % len(rows) if isinstance(where, int) and rows else None
        if edit == "write":
            values[where] = what
        elif edit == "choose":
            others = [item for item in values["chosen"] if item != where]
            values["chosen"] = [*others, where] if what else others
        elif edit == "add":
            if (identity := f"{who}-{where}") not in {row.identity for row in rows}:
                rows.append(RowState(identity, {"text": what, "note": "", ORDER: ""}, is_new=True))
        elif place is None:
            continue
        elif edit == "row":
            rows[place] = replace(rows[place], values={**rows[place].values, "text": what})
        elif edit == "remove":
            del rows[place]
        elif edit == "move":
            rows.insert(what % len(rows), rows.pop(place))
    return FormState(values, {"rows": rows})


def saved(state: FormState) -> FormState:
    rows = [replace(row, is_new=False) for row in state.rows["rows"]]
    return FormState(state.values, {"rows": rows})


def sent(state: FormState, began: FormState) -> FormState:
    """A state as a form sends it: with the rows that are to be removed."""
    there = {row.identity for row in state.rows["rows"]}
    gone = [
        replace(row, is_removed=True) for row in began.rows["rows"] if row.identity not in there
    ]
    return FormState(state.values, {"rows": [*state.rows["rows"], *gone]})


def texts(state: FormState) -> tuple:
    chosen = {**state.values, "chosen": sorted(state.values["chosen"])}
    rows = [(r.identity, r.values["text"]) for r in state.rows["rows"] if not r.is_removed]
    return chosen, rows


@given(EDITS)
def test_what_one_alone_changed_is_the_result(edits):
    began = beginning()
    changed = edited(began, edits, "me")
    mine = merge(tokens(began), sent(changed, began), began)
    theirs = merge(tokens(began), sent(began, began), saved(changed))
    assert texts(mine.state) == texts(changed)
    assert texts(theirs.state) == texts(changed)
    assert not mine.clashes
    assert not theirs.clashes
    assert not mine.taken


@given(EDITS, EDITS)
def test_nothing_that_either_wrote_is_lost_without_being_shown(edits, others):
    began = beginning()
    mine, theirs = edited(began, edits, "me"), saved(edited(began, others, "they"))
    merged = merge(tokens(began), sent(mine, began), theirs)
    shown = {(clash.prefix, clash.identity, clash.name) for clash in merged.clashes}
    start, own, other = (
        {
            **{("", "", name): side.values[name] for name in NAMES},
            **{("rows", row.identity, "text"): row.values["text"] for row in side.rows["rows"]},
        }
        for side in (began, mine, theirs)
    )
    result = {
        **{("", "", name): merged.state.values[name] for name in NAMES},
        **{
            ("rows", row.identity, "text"): row.values["text"]
            for row in merged.state.rows["rows"]
            if not row.is_removed
        },
    }
    for side in (own, other):
        for place, text in side.items():
            if text != start.get(place) and result.get(place) != text:
                assert place in shown or (*place[:2], "") in shown
    for place, text in result.items():
        assert text in (own.get(place), other.get(place))
    # What both removed or one removed and nobody changed is gone.
    for place in start.keys() - own.keys():
        if other.get(place) in (None, start[place]):
            assert place not in result
    chosen = [set(side.values["chosen"]) for side in (began, mine, theirs, merged.state)]
    assert chosen[3] == (chosen[2] | (chosen[1] - chosen[0])) - (chosen[0] - chosen[1])


@given(EDITS, EDITS)
def test_merging_again_changes_nothing(edits, others):
    began = beginning()
    mine, theirs = edited(began, edits, "me"), saved(edited(began, others, "they"))
    once = merge(tokens(began), sent(mine, began), theirs).state
    again = merge(tokens(theirs), once, theirs)
    assert texts(again.state) == texts(once)
    assert not again.clashes


@given(st.permutations("abcd"), st.permutations("abcd"), st.sets(st.sampled_from("xyz")))
def test_whoever_moved_rows_decides_the_order(mine, theirs, added):
    order, is_clash = merged_order("abcd", mine, "abcd", "abcd")
    assert (order, is_clash) == (mine, False)
    order, is_clash = merged_order("abcd", "abcd", [*theirs, *added], {*"abcd", *added})
    assert (order, is_clash) == ([*theirs, *added], False)
    order, is_clash = merged_order("abcd", mine, theirs, "abcd")
    assert order == (list(theirs) if mine == list("abcd") else mine)
    assert is_clash == (mine != theirs and list("abcd") not in (mine, theirs))
