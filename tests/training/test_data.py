import pytest

from training import data


@pytest.fixture(autouse=True)
def without_ntrex(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where NTREX's documents begin is read from a set that tests do without."""
    monkeypatch.setattr(data, "_first_lines", dict)


def test_the_made_up_news_for_development_is_asked_about_but_never_trained_on() -> None:
    kept = {document for document in data.made() if data.held_out(document)}
    assert len(kept) == 24
    assert {question.document for question in data.made_development()} == kept
    trained = [*data.authored("train-?.jsonl"), *data.authored("train-??.jsonl"), *data.follow_ups(), *data.claims()]
    assert not kept & {item.document for item in trained}


def test_every_question_and_statement_about_made_up_news_points_to_lines_that_are_there() -> None:
    made = data.made()
    items = [*data.authored("train-*.jsonl"), *data.follow_ups(), *data.claims(), *data.made_development()]
    about = [item for item in items if item.document in made]
    assert len(about) > 10_000
    for item in about:
        stories = made[item.document]
        assert len({len(story.sentences) for story in stories.values()}) == 1
        lines = (*item.lines, *getattr(item, "tempting", ()))
        assert all(0 <= line < len(stories["id"].sentences) for line in lines)
