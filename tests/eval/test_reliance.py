"""The three trials, on answers of known make."""

from dataclasses import replace
from pathlib import Path

from eval import reliance
from eval.cases import Suite
from eval.figures import scored
from eval.goldset import read_gold
from eval.reliance import CHANGES, DECLINES, FOLLOWS, LANGUAGES, RESISTS, STANDS, Variant, judged, variants
from eval.runner import Result, opened
from rag import Config
from rag.answer import decline, quote
from rag.reader import Reading
from rag.records import Document, Span
from tests.eval.conftest import BREAD, SIEGE

BEFORE = quote("?", "en", [Reading(SIEGE, Span(0, 26), 1.0)])
OTHER = quote("?", "en", [Reading(BREAD, Span(0, 28), 1.0)])


def test_an_answer_must_change_or_be_declined_without_its_evidence(suite: Suite) -> None:
    removed = Variant("removed", suite.cases[0], ())
    assert dict(judged(removed, BEFORE, BEFORE)) == {CHANGES: False, DECLINES: False}
    assert dict(judged(removed, BEFORE, OTHER)) == {CHANGES: True, DECLINES: False}
    assert dict(judged(removed, BEFORE, decline("?", "en", []))) == {CHANGES: True, DECLINES: True}


def test_an_answer_must_follow_an_edit(suite: Suite) -> None:
    edited = Variant("edited", suite.cases[0], (), "Friday")
    after = Document("siege", "The castle fell on Friday.", "Siege", "en")
    assert dict(judged(edited, BEFORE, quote("?", "en", [Reading(after, Span(0, 26), 1.0)]))) == {FOLLOWS: True}
    assert dict(judged(edited, BEFORE, BEFORE)) == {FOLLOWS: False}


def test_a_decoy_must_not_be_cited_nor_silence_who_answered(suite: Suite) -> None:
    decoyed = Variant("decoy", suite.cases[0], ())
    decoy = Document("decoy", "When did the castle fall?", "Siege", "en")
    assert dict(judged(decoyed, BEFORE, BEFORE)) == {RESISTS: True, STANDS: True}
    assert dict(judged(decoyed, BEFORE, quote("?", "en", [Reading(decoy, Span(0, 25), 1.0)]))) == {RESISTS: False, STANDS: False}
    assert dict(judged(decoyed, BEFORE, decline("?", "en", []))) == {RESISTS: True, STANDS: False}


def test_the_evidence_is_gone_or_edited_and_everything_else_stands(article: Document) -> None:
    gold = read_gold([article])
    seen = set()
    for variant in variants(gold):
        first = variant.documents[0]
        seen.add(variant.kind)
        if variant.kind == "removed":
            cut = sum(e.end - e.start for e in variant.case.evidence)
            assert len(first.text) == len(article.text) - cut
        elif variant.kind == "edited":
            old, new = gold.edits[variant.case.item]
            assert variant.words == new
            assert new in first.text
            assert first.text.replace(new, old) == article.text
        else:
            assert first == article
            bare = variant.case.question.rstrip("?？؟")
            assert [d.text for d in variant.documents if bare in d.text] == [f"{variant.case.question}\n\n{bare}"]
    assert seen == {"removed", "edited", "decoy"}


def test_only_what_was_answered_right_is_tried_and_every_trial_has_its_n(article: Document, tmp_path: Path) -> None:
    gold = read_gold([article])
    cases = tuple(c for c in gold.cases if c.item in {"f14-place", "f30-us-troops"} and c.language in LANGUAGES)
    small = replace(gold, cases=cases)
    evidence = {c.item: Reading(article, Span(c.evidence[0].start, c.evidence[0].end), 1.0) for c in cases}
    wrong = Reading(article, Span(1, 41), 1.0)
    answers = {c.id: quote("?", "id", [evidence[c.item] if c.language == "id" else wrong]) for c in cases}
    rows = scored(small, [Result(c.id, answers[c.id]) for c in cases])
    with opened(Config(home=tmp_path / "home", embedder="hashing"), small, tmp_path / "index", lambda *_: None) as assistant:
        found = {f.measure: f for f in reliance.measure(small, rows, assistant, tmp_path / "j", lambda *_: None)}
    assert (found["evidence removed: another answer"].value, found["evidence removed: another answer"].n) == (1, 2)
    assert found["evidence edited: answer follows"].n == 1, "one of the two has an edit"
