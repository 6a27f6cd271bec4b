from rag import Assistant
from tests.conftest import EVIDENCE


def test_the_question_of_the_mission_is_answered_with_the_right_words(assistant: Assistant) -> None:
    answer = assistant.ask("Will US troops defend Ukraine?")
    assert not answer.declined
    assert answer.citations[0].quote.endswith(EVIDENCE)
    assert "will not be deployed" in answer.text
