"""Plain sentences: what is neither markup, nor link, nor hidden, nor an order to a machine.

A document is data. What it hides from its readers carries nothing, and what it says to a model is no news.
"""

from collections.abc import Iterator

import regex

_ZERO = "\u200b\u2060\ufeff\u00ad\u180e"
_HIDDEN = regex.compile(
    # Bidi overrides and isolates, tags, variation selectors, controls; joiners where no script needs them.
    r"[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff\ufe00-\ufe0f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff" + _ZERO + "]"
    r"|[\u200c\u200d](?![\p{Arabic}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}])"
)
_COMMENT = regex.compile(
    r"<!--.*?(?:-->|$)|<(script|style|template)\b.*?</\1\s*>|<([a-z]+)[^>]*\b(?:hidden|display:\s*none)[^>]*>.*?</\2\s*>",
    regex.S | regex.I,
)
_ODD = {
    "a link": regex.compile(r"\b(?:https?|ftp|file|data|javascript|mailto)\s*:|www\.|\]\s*\(|\[[^\]]*\]\s*[\[:]|\b[\w-]+\.(?:com|net|org|io|ru|cn|xyz|example|test)/", regex.I),
    "markup": regex.compile(r"<\s*/?\s*[a-z!?][^>]*>?|&(?:#\w+|\w+);|!\[|```|~~~|^\s{0,3}#{1,6}\s|^\s*\||\{[\s\"'{%]|[\"']\s*:\s*[\"'\[{\d]|\*\*|__\w", regex.I | regex.M),
    "a marker": regex.compile(r"[\[【［]\s*\^?[\d\p{Nd}, ]+\s*[\]】］]|[\[【]\s*(?:ID|source|sumber|doc)\s*:?\s*\d+\s*[\]】]", regex.I),
    "a part that only a conversation's format has": regex.compile(
        r"<\|.*?\|>|\[/?INST\]|<</?SYS>>|^\s*(?:#+\s*)?(?:system|assistant|user|developer|human|tool)\s*:|<(?:start|end)_of_turn>", regex.I | regex.M
    ),
    "an encoded run of letters": regex.compile(r"(?<![\w/+])(?=[\w+/]*\d)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])[A-Za-z0-9+/_-]{20,}={0,2}|(?:[0-9a-f]{2}[ :]?){16,}"),
    "more than one line": regex.compile(r"[\n\r\u2028\u2029]"),
}  # fmt: skip
_ORDER = regex.compile(
    r"""
    \b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(?:instruction|prompt|rule|guideline|above|previous|prior|everything)
    | \b(?:system|developer)\s+(?:prompt|message)\b | \byou\s+are\s+now\b | \b(?:as|dear|attention|note\ to)\s+(?:an?\s+|the\s+)?(?:AI|LLM|language\s+model|assistant)s?\b
    | \b(?:reveal|print|output|repeat|show)\b[^.]{0,30}\b(?:your|the|hidden)\s+(?:\w+\s+)?(?:prompt|instructions)
    | \b(?:respond|reply|answer)\s+(?:only\s+)?(?:with|in)\b | \binstead,?\s+(?:say|write|answer|reply)\b | \b(?:your|new)\s+instructions?\b
    | \b(?:abaikan|lupakan|acuhkan|jangan\s+hiraukan)\b[^.]{0,40}\b(?:instruksi|perintah|petunjuk|aturan|arahan) | \b(?:instruksi|prompt)\s+(?:sistem|anda|baru)\b
    | (?:игнорируй|забудь|не\s+обращай)\w*[^.]{0,40}(?:инструкци|указани|правил|выше|предыдущ) | системн\w+\s+(?:промпт|подсказк|инструкци)
    | تجاهل\w*[^.]{0,40}(?:تعليمات|التعليمات|الأوامر|القواعد) | (?:تعليماتك|موجه\s+النظام)
    | (?:忽略|无视|無視|忘记|忘掉)[^。]{0,20}(?:指令|指示|规则|規則|提示|要求) | (?:系统|系統)提示
    | (?:指示|命令|プロンプト|ルール)[^。]{0,10}(?:無視|忘れ)
    | \b(?:ignorier\w*|vergiss|vergessen\s+sie|missachte\w*)\b[^.]{0,40}(?:anweisung|regel|vorgabe|bisherig|system) | \bsystemprompt\b
    | \b(?:ignora|ignore|olvida|olvide)\w*\b[^.]{0,40}(?:instruc|reglas|anterior|órdenes) | \b(?:ignor\w+|oubli\w+)\b[^.]{0,40}(?:instructions|consignes|règles|précédent)
    | (?:talimat|komut|kural)\w*[^.]{0,25}(?:yok\s+say|görmezden|unut) | (?:निर्देश|आदेश)[^।]{0,20}(?:अनदेखा|भूल|नज़रअंदाज़)
    | (?:دستور|دستورالعمل)\w*[^.]{0,25}(?:نادیده|فراموش) | (?:지시|명령|규칙)[^.]{0,15}(?:무시|잊) | (?:bỏ\ qua|quên)[^.]{0,30}(?:hướng\ dẫn|chỉ\ dẫn|lệnh)
    """,
    regex.I | regex.X,
)
"""How texts try to give a model orders; a list that others will find ways around, and only the first of the checks."""


def visible(text: str) -> str:
    """A passage as its reader sees it: without comments, hidden elements and characters that are not shown."""
    return _HIDDEN.sub("", _COMMENT.sub(" ", text))


def is_instruction(text: str) -> bool:
    """Whether a passage speaks to a model instead of to its readers."""
    return _ORDER.search(text) is not None


def oddities(sentence: str) -> Iterator[str]:
    """Why a sentence is not plain, each reason a sentence."""
    if _HIDDEN.search(sentence):
        yield "It holds characters that are not shown."
    yield from (f"It holds {what}." for what, pattern in _ODD.items() if pattern.search(sentence.strip()))
    if is_instruction(sentence):
        yield "It speaks of a model's instructions, not of the news."
