"""For llama-index users: our retrieval and our answers as their retriever and query engine.

from rag.llama_index import KutipQueryEngine, KutipRetriever

Both take an `Assistant` that is open and leave it open. What their pipelines make of the nodes is theirs; a node's text is
always a slice of the document it names, and the query engine's answer has passed every check of ours.
"""

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from rag.assistant import Assistant
from rag.index import passage_name
from rag.records import Answer, Document


class KutipRetriever(BaseRetriever):
    """The passages closest to a question, best first, each with the place it was cut from."""

    def __init__(self, assistant: Assistant, *, k: int = 5, documents: Sequence[str] | None = None) -> None:
        """Retrieve from an assistant's library.

        Args:
            assistant: open, and staying so.
            k: how many passages at most.
            documents: ids to search in; None is all.
        """
        super().__init__(callback_manager=CallbackManager())
        self._assistant = assistant
        self._k = k
        self._documents = documents

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._assistant.search(query_bundle.query_str, self._k, documents=self._documents)
        return [NodeWithScore(node=_node(h.document, h.passage.start, h.passage.end, h.passage.text), score=h.score) for h in hits]


class KutipQueryEngine(CustomQueryEngine):
    """Answers with checked citations, or declines.

    The response's text carries [n] markers, `source_nodes` are the words cited, in the order of their numbers, and `metadata`
    holds the whole answer as `Answer.to_dict` gives it; a declined answer has no source nodes.
    """

    assistant: Any
    """An `Assistant`, open, and staying so."""
    documents: Sequence[str] | None = None
    """Ids to search in; None is all."""

    def custom_query(self, query_str: str) -> Response:
        """Answer a question."""
        return self._response(self.assistant.ask(query_str, documents=self.documents))

    async def acustom_query(self, query_str: str) -> Response:
        """Answer a question without blocking the event loop."""
        return self._response(await self.assistant.aask(query_str, documents=self.documents))

    def _response(self, answer: Answer) -> Response:
        nodes = [
            NodeWithScore(node=_node(document, c.start, c.end, c.quote, number=c.number), score=c.score)
            for c in answer.citations
            if (document := self.assistant.library.revision(c.document, c.sha256))
        ]
        return Response(response=answer.text, source_nodes=nodes, metadata=answer.to_dict())


def _node(document: Document, start: int, end: int, text: str, **more: Any) -> TextNode:
    """A slice of a document, pinned to its revision."""
    about = {"title": document.title, "language": document.language, "publisher": document.publisher, "date": document.date}
    return TextNode(
        id_=passage_name(document.id, document.sha256, start, end),
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata={"document": document.id, "sha256": document.sha256, **about, **more},
        excluded_llm_metadata_keys=["document", "sha256"],
        excluded_embed_metadata_keys=["document", "sha256"],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document.id)},
    )
