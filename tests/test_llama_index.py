"""Our parts in a real llama-index pipeline; its model is the mock that llama-index brings, which repeats its prompt."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from llama_index.core.callbacks import CallbackManager
from llama_index.core.indices.query.query_transform.base import IdentityQueryTransform
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine, TransformQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.tools import QueryEngineTool

from rag import Assistant
from rag.llama_index import KutipQueryEngine, KutipRetriever
from tests.test_assistant import BALL, RICE

ASKED = "harga beras naik sepuluh persen"


@pytest.fixture
def shop(open_quick: Callable[..., Assistant]) -> Iterator[Assistant]:
    assistant = open_quick(risk=0.3)
    assistant.library.add([RICE, BALL])
    return assistant


def test_a_node_is_a_slice_of_its_document(shop: Assistant) -> None:
    best, *_ = KutipRetriever(shop, k=2).retrieve(ASKED)
    document = shop.document(best.node.metadata["document"])
    assert best.node.get_content() == document.text[best.node.start_char_idx : best.node.end_char_idx]
    assert best.node.metadata["sha256"] == document.sha256
    assert best.node.ref_doc_id == "rice"
    assert {n.node.metadata["document"] for n in KutipRetriever(shop, documents=["ball"]).retrieve(ASKED)} == {"ball"}


def test_a_node_is_of_the_revision_that_was_found_also_while_another_is_taken_in(shop: Assistant) -> None:
    shop.library.ledger.put(replace(RICE, text="Lain sama sekali."))  # as a writer does before it embeds
    best, *_ = KutipRetriever(shop, k=1).retrieve(ASKED)
    (source,) = KutipQueryEngine(assistant=shop).query(ASKED).source_nodes
    for node in (best.node, source.node):
        assert node.metadata["sha256"] == RICE.sha256
        assert node.get_content() == RICE.text[node.start_char_idx : node.end_char_idx]


def test_our_retriever_feeds_a_pipeline_of_theirs(shop: Assistant) -> None:
    engine = RetrieverQueryEngine(
        KutipRetriever(shop, k=3),
        response_synthesizer=get_response_synthesizer(llm=MockLLM(), callback_manager=CallbackManager()),
        node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.1)],
        callback_manager=CallbackManager(),
    )
    response = engine.query(ASKED)
    assert "Harga beras naik sepuluh persen." in str(response)
    assert response.source_nodes[0].node.ref_doc_id == "rice"


def test_our_query_engine_answers_with_citations_that_check_out(shop: Assistant) -> None:
    engine = KutipQueryEngine(assistant=shop)
    response = TransformQueryEngine(engine, IdentityQueryTransform()).query(ASKED)
    assert str(response) == "Harga beras naik sepuluh persen. [1]"
    (source,) = response.source_nodes
    assert (source.node.metadata["number"], source.node.get_content()) == (1, "Harga beras naik sepuluh persen.")
    assert response.metadata["declined"] is False
    tool = QueryEngineTool.from_defaults(engine, name="articles", description="what the articles say")
    assert tool.call(ASKED).content == str(response)
    assert str(asyncio.run(engine.aquery(ASKED))) == str(response)


def test_a_declined_answer_has_no_sources(shop: Assistant) -> None:
    response = KutipQueryEngine(assistant=shop).query("zzz qqq xxx")
    assert response.source_nodes == []
    assert response.metadata["declined"] is True
