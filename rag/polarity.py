"""Words that turn a statement into its opposite, or make it less than certain, and where they stand in a text.

No data set of locales holds such words. These tables are ours: the function words that Universal Dependencies treebanks mark
as `Polarity=Neg`, and the modal and reporting words by which news says that something is not established, for the languages
that our gold asks in. In another language nothing is found, and the reader alone judges.
"""

from functools import cache

import regex

from rag.locales import base

NEGATIONS = {
    "en": r"not|no|never|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t",
    "id": r"tidak|tak|bukan|belum|tanpa|jangan|tiada|takkan|bukanlah|tidaklah",
    "ms": r"tidak|tak|bukan|belum|tanpa|jangan|tiada",
    "ru": r"не|нет|ни|никогда|никто|ничего|никаких|никакого|без|нельзя|невозможно",
    "uk": r"не|немає|ні|ніколи|ніхто|нічого|жодн\w+|без",
    "ar": r"[وف]?(?:لا|لم|لن|ليس|ليست|ليسوا|غير|دون|بدون|ما من)",
    "fa": r"نه|هیچ|بدون|نیست|نیستند|ن(?:می|شد|کرد|خواه|دار|بود|داد|تواند)\S*",
    "tr": r"değil|yok|hiçbir|\w+sız\w*|\w+siz\w*|\w{2,}m[ae]d[ıi]\w*|\w{2,}m[ae]yacak\w*|\w{2,}m[ae]yecek\w*|\w{2,}mıyor\w*|\w{2,}miyor\w*|\w{2,}m[ae]m[ıi]ş\w*|\w{2,}m[ae]z",
    "de": r"nicht|kein\w*|nie|niemals|niemand|nichts|ohne|weder|noch nicht",
    "es": r"no|nunca|jamás|ningún|ninguna?|nadie|nada|sin|ni|tampoco",
    "fr": r"ne|n['’](?=\p{L})|pas|jamais|aucune?|personne ne|rien|sans|ni",
    "pt": r"não|nunca|jamais|nenhuma?|ninguém|nada|sem|nem",
    "it": r"non|mai|nessun\w*|niente|nulla|senza|né",
    "nl": r"niet|geen|nooit|niemand|niets|zonder|noch",
    "pl": r"nie|nigdy|nikt|nic|bez|żad\w+|ani",
    "zh": r"没有|沒有|没|沒|未|并非|並非|无|無|别|不(?!同|过|過|久|断|斷|少|仅|僅|变|變|满|滿|足)",
    "ja": r"ない|なかった|なく|ません|ず(?=に|、|$)|無い|未だ",
    "ko": r"않\S*|없\S*|못\S*|아니\S*|안(?=\s)",
    "vi": r"không|chưa|chẳng|chả|đừng",
    "th": r"ไม่|มิได้|ยังไม่|ปราศจาก",
    "hi": r"नहीं|न|मत|बिना|नही",
    "sw": r"si|hakuna|bila|kamwe|ha(?:ku|ta|wa|ja)\w+",
}
REFUSALS = {
    "en": r"den(?:y|ies|ied|ying)|refus\w+|reject\w+|fail(?:s|ed|ing)?|rul(?:e|es|ed|ing) out|unable|lack(?:s|ed|ing)?|absent|avoid\w*|un\w{4,}",
    "id": r"membantah|menolak|gagal|ditolak|menyangkal|mustahil|kurang|menampik|urung|batal",
    "ms": r"menafikan|menolak|gagal|ditolak|mustahil|kurang",
    "ru": r"отриц\w+|отказ\w+|отверг\w+|отклон\w+|исключ\w+|опроверг\w+|не\p{L}{4,}",
    "uk": r"запереч\w+|відмов\w+|відхил\w+|виключ\w+|спрост\w+|не\p{L}{4,}",
    "ar": r"[وف]?(?:نفى|نفت|ينفي|رفض\w*|يرفض\w*|فشل\w*|استبعد\w*|أنكر\w*|تعذر|عدم|بعدم)",
    "fa": r"رد کرد\w*|تکذیب|عدم|ناتوان\w*|شکست|نا\S{3,}",
    "tr": r"reddet\w*|yalanla\w*|başarısız\w*|reddedil\w*",
    "de": r"bestr(?:eit|itt)\w*|weiger\w*|ablehn\w*|abgelehnt|lehnte?n?|schloss|ausgeschlossen|scheiter\w*|gescheitert|verneint\w*|un\p{L}{4,}|dementier\w*|wies\w*|zurückgewiesen",
    "es": r"neg\w+|niega\w*|rechaz\w+|descart\w+|fracas\w+|falta|impos\w+|desmint\w+",
    "fr": r"ni(?:e|é|ait|er|ent)|refus\w+|rejet\w+|exclu\w*|échou\w+|dément\w*|écart\w+|im\w{4,}|manqu\w+",
    "pt": r"neg\w+|recus\w+|rejeit\w+|descart\w+|fracass\w+|falt\w+|desment\w+",
    "it": r"neg\w+|rifiut\w+|respin\w+|esclu\w+|fallit\w+|smenti\w+",
    "nl": r"ontken\w+|weiger\w+|verwierp\w*|verworpen|uitgesloten|mislukt\w*|on\w{4,}",
    "pl": r"zaprzecz\w+|odmówi\w+|odrzuc\w+|wyklucz\w+|nie\p{L}{4,}",
    "zh": r"否认|否認|拒绝|拒絕|驳回|駁回|排除|失败|失敗|无法|無法|反对|反對|不变|不變|不足|不满",
    "ja": r"否定|拒否|拒んだ|棄却|退け|除外|失敗|不\p{Han}",
    "ko": r"부인\S*|거부\S*|기각\S*|배제\S*|실패\S*|불\p{Hangul}\S*",
    "vi": r"bác bỏ|phủ nhận|từ chối|thất bại|loại trừ",
    "th": r"ปฏิเสธ|ล้มเหลว",
    "hi": r"इनकार|इंकार|खारिज|ख़ारिज|विफल|अस्वीकार",
    "sw": r"kan(?:a|usha)\w*|kataa\w*|shind(?:wa)\w*",
}
"""What says no without a negation; enough to carry one, not enough to ask for one."""
DOUBTS = {
    "en": r"may|might|could|possibl[ey]|perhaps|maybe|possibility|potential(?:ly)?|likely|probabl[ey]|alleged(?:ly)?|suspect(?:ed|s)?|reportedly|apparently|plan(?:s|ned|ning)?|propos(?:e|es|ed|al)|consider(?:s|ed|ing)?|intend(?:s|ed)?|hop(?:e|es|ed|ing)|expect(?:s|ed)?|forecast(?:s|ed)?|predict(?:s|ed)?|estimate[sd]?|suggest(?:s|ed)?|seems?|appears? to|thought to|if|threaten(?:s|ed)?|can",
    "id": r"mungkin|barangkali|kemungkinan|bisa|dapat|boleh jadi|diduga|dugaan|berencana|rencana\w*|direncanakan|mempertimbangkan|diperkirakan|memperkirakan|perkiraan|berharap|diharapkan|menargetkan|ditargetkan|berpotensi|potensi|dikabarkan|konon|tampaknya|sepertinya|diyakini|usul\w*|mengusulkan|diusulkan|hendak|berniat|terancam|mengancam|apakah",
    "ms": r"mungkin|barangkali|kemungkinan|boleh|dapat|didakwa|dipercayai|merancang|dijangka|menjangkakan|berharap|cadang\w*|dicadangkan|berhasrat",
    "ru": r"может|могут|мог(?:ла|ло|ли)?|возможно|вероятно|видимо|предположительно|якобы|планиру\w+|план\w*|намерен\w*|собира\w+ся|ожида\w+|прогноз\w*|предполага\w+|рассматрива\w+|предлож\w+|предлага\w+|надее\w+ся|по оценк\w+|похоже|грозит|угрожа\w+",
    "uk": r"може|можуть|міг|могл\w+|можливо|ймовірно|імовірно|нібито|плану\w+|план\w*|намір\w*|очіку\w+|прогноз\w*|розгляда\w+|пропону\w+|сподіва\w+ся",
    "ar": r"[وف]?(?:قد|ربما|يمكن|ممكن|من المحتمل|يحتمل|محتمل\w*|المحتمل|يزعم|زعم|مزعوم\w*|يشتبه|تخطط|يخطط|خطة|تعتزم|يعتزم|تدرس|يدرس|يتوقع|تتوقع|متوقع|المتوقع|توقع\w*|يأمل|تأمل|يقترح|اقترح\w*|لعل|يبدو|تنوي|ينوي|يهدد|بصدد)",
    "fa": r"ممکن|شاید|احتمال\w*|احتمالا|می‌تواند|گویا|مظنون\w*|قصد|برنامه|پیش‌بینی|انتظار|پیشنهاد|امیدوار\w*|بررسی",
    "tr": r"\w*(?:abilir|ebilir|abileceği|ebileceği|abileceğini|ebileceğini)\w*|belki|olası\w*|muhtemel\w*|iddia\w*|şüpheli\w*|planl\w+|düşün\w+|bekleni\w+|bekliyor|tahmin\w*|öner\w+|umuyor\w*|umut\w*|eğer|sanılıyor",
    "de": r"könnte\w*|kann|können|möglich\w*|möglicherweise|vielleicht|wahrscheinlich|vermutlich|mutmaßlich\w*|angeblich\w*|verdächtig\w*|verdacht|plan\w*|geplant\w*|erwäg\w*|erwog\w*|beabsichtig\w*|erwart\w*|prognos\w*|hoff\w*|vorschl\w*|schlägt|dürfte\w*|soll\w*|schätz\w*|droh\w*|deutet",
    "es": r"podr\w+|puede\w*|posible\w*|posiblemente|quizás?|tal vez|probable\w*|presunt\w+|supuest\w+|sospech\w+|plane\w+|planific\w+|plan(?:es)?|prev[ée]\w*|previst\w+|considera\w*|estudia\w*|espera\w*|propone\w*|propuso|propuesta|pretend\w+|intenci\w+|sugier\w+|estim\w+|apunta\w*|amenaz\w+",
    "fr": r"pourr\w+|peut|peuvent|possibl\w+|peut-être|probabl\w+|présum\w+|supposé\w*|soupçonn\w+|prévo\w+|prévu\w*|envisag\w+|compt(?:e|ent|ait)|espèr\w+|espér\w+|propos\w+|s['’]attend\w*|estim\w+|sugg\w+|projet\w*|menac\w+|plan\w*",
    "pt": r"pode\w*|poderá|poderia\w*|possível|possivelmente|talvez|provável|provavelmente|supost\w+|suspeit\w+|planeja\w*|planeia\w*|plano|prevê\w*|previst\w+|considera\w*|espera\w*|propõe|propôs|pretend\w+|sugere\w*|estima\w*|ameaç\w+",
    "it": r"potrebb\w+|può|possono|possibil\w+|forse|probabil\w+|presunt\w+|sospett\w+|pianific\w+|prevede\w*|previst\w+|valut\w+|spera\w*|propone|proposto|intend\w+|sugger\w+|stim\w+|minacci\w+",
    "nl": r"kan|kunnen|kon|konden|zou\w*|mogelijk\w*|misschien|waarschijnlijk|vermoedelijk\w*|verdacht\w*|plan\w*|gepland\w*|overweeg\w*|overwog\w*|verwacht\w*|hoop\w*|hopen|voorstel\w*|dreig\w*|schat\w*",
    "pl": r"może|mogą|mógł\w*|mogł\w*|możliw\w+|prawdopodobn\w+|rzekom\w+|podejrz\w+|planuj\w+|plan\w*|zamierza\w*|rozważa\w*|oczekuj\w+|prognoz\w*|propon\w+",
    "zh": r"可能|或许|或許|也许|也許|或将|或將|或会|或會|恐|据称|據稱|涉嫌|疑似|计划|計劃|打算|拟|擬|考虑|考慮|预计|預計|预期|預期|有望|建议|建議|提议|提議|希望|似乎|估计|估計|预测|預測|可以|威胁",
    "ja": r"かもしれない|可能性|恐れ|見込み|見通し|予定|計画|検討|とみられ|みられる|疑い|容疑|だろう|予想|予測|期待|提案|らしい|ようだ|方針|意向|得る|うる",
    "ko": r"수 있\S*|수도 있\S*|가능성\S*|아마|혐의\S*|의혹\S*|계획\S*|검토\S*|예상\S*|전망\S*|기대\S*|제안\S*|만약|듯\S*|것으로 보\S*|방침\S*",
    "vi": r"có thể|có lẽ|khả năng|được cho là|nghi ngờ|kế hoạch|dự kiến|dự định|dự báo|cân nhắc|xem xét|hy vọng|đề xuất|dường như",
    "th": r"อาจ|น่าจะ|เป็นไปได้|คาดว่า|วางแผน|แผน|พิจารณา|เสนอ|หวัง|ดูเหมือน",
    "hi": r"सकता|सकती|सकते|शायद|संभव\S*|संभावना|संभावित|कथित|योजना|विचार|उम्मीद|अनुमान|प्रस्ताव|आशंका",
    "sw": r"huenda|labda|inawezekana|anaweza|inaweza|wanaweza|mpango|unapanga|inapanga|anadaiwa|wanadaiwa|inatarajiwa|anatarajia|pendekez\w+",
}  # fmt: skip
"""What says that something is not, or not yet, established: possible, alleged, planned, expected."""
_APART = "(?<![\\p{L}\\p{M}])(?:%s)(?![\\p{L}\\p{M}])"
_JOINED = frozenset({"zh", "ja", "th"})

Spans = list[tuple[int, int]]


def negations(text: str, language: str) -> Spans:
    """Where a text says not."""
    return _find(text, "NEGATIONS", base(language))


def refusals(text: str, language: str) -> Spans:
    """Where a text denies, rejects, fails."""
    return _find(text, "REFUSALS", base(language))


def doubts(text: str, language: str) -> Spans:
    """Where a text leaves open whether something is so."""
    return _find(text, "DOUBTS", base(language))


def _find(text: str, table: str, language: str) -> Spans:
    pattern = _pattern(table, language)
    return [match.span() for match in pattern.finditer(text)] if pattern else []


@cache
def _pattern(table: str, language: str) -> "regex.Pattern[str] | None":
    words = {"NEGATIONS": NEGATIONS, "REFUSALS": REFUSALS, "DOUBTS": DOUBTS}[table].get(language)
    if not words:
        return None
    return regex.compile(f"(?:{words})" if language in _JOINED else _APART % words, regex.I)
