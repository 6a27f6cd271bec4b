"""The loss: a choice among sentences and none of them, and where the words start and end."""

import torch

from rag.network import Encoded
from training.loss import choice, edge_loss, support_loss


def test_the_choice_is_the_log_probability_of_the_right_sentences_together() -> None:
    margins = torch.tensor([0.0, 0.0, 0.0])
    assert choice(margins, [True, False, False]).item() == torch.tensor(4.0).log().item()
    assert choice(margins, [True, True, False]).item() == torch.tensor(2.0).log().item()


def test_where_no_sentence_is_right_none_of_these_is() -> None:
    assert choice(torch.tensor([-9.0, -9.0]), [False, False]).item() < 0.001
    assert choice(torch.tensor([9.0, -9.0]), [False, False]).item() > 8


def test_words_may_only_stand_in_the_window_or_nowhere() -> None:
    pair = Encoded([0, 5, 2, 2, 7, 8, 2], 4, [(0, 1), (1, 2)])
    edges = torch.zeros(7, 2)
    assert edge_loss(edges, pair, (4, 5)).item() == torch.tensor(3.0).log().item()
    assert edge_loss(edges, pair, (1, 1)).item() > 1000


def test_an_altered_statement_believed_more_than_the_true_one_costs_more_than_their_own_errors() -> None:
    told, turned = torch.tensor([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]]), torch.tensor([[0.0, 3.0, 0.0], [3.0, 0.0, 0.0]])
    alone = [support_loss(turned[n : n + 1], [n]) for n in range(2)]
    assert support_loss(turned, [0, 1]) > sum(alone) / 2 + 2
    assert support_loss(told, [0, 1]) < 0.2
