"""Korean particles follow the last sound of the word, however the word is written."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import actlab
import actlab.text
from actlab.text import tr
from actlab.text._korean import with_particle

# A word, whether its last sound is a closed syllable (은, 이, 을, 과) and what 으로/로 makes of it.
# Beside it the reading that decides: closed with ㄹ takes 로, as open syllables do.
WORDS = [
    ("시그모이드", False, "로"),
    ("함수", False, "로"),
    ("학습률", True, "로"),  # 률: ㄹ
    ("은닉층", True, "으로"),
    ("점", True, "으로"),
    ("sigmoid", False, "로"),  # 시그모이드
    ("tanh", False, "로"),  # 탄에이치
    ("relu", False, "로"),  # 렐루
    ("ReLU", False, "로"),
    ("gelu", False, "로"),  # 겔루
    ("mish", False, "로"),  # 미시
    ("softplus", False, "로"),  # 소프트플러스
    ("identity", False, "로"),  # 아이덴티티
    ("softsign", True, "으로"),  # 소프트사인
    ("sin", True, "으로"),  # 사인
    ("cos", True, "으로"),  # 코사인
    ("arctan", True, "으로"),  # 아크탄
    ("gaussian", True, "으로"),  # 가우시안
    ("exponential", True, "로"),  # 엑스포넨셜: ㄹ
    ("step", True, "으로"),  # 스텝
    ("softmax", False, "로"),  # 소프트맥스
    ("relu6", False, "로"),  # 렐루식스
    ("moons", False, "로"),  # 문즈
    ("spiral", True, "로"),  # 스파이럴: ㄹ
    ("xor", True, "로"),  # 엑스오알: ㄹ
    ("XOR", True, "로"),
    ("moons:article", True, "로"),  # 아티클: ㄹ
    ("hidden", True, "으로"),  # 히든
    ("seeds", False, "로"),  # 시즈
    ("epochs", False, "로"),  # 에폭스
    ("batch_size", False, "로"),  # 배치 사이즈
    ("noise", False, "로"),  # 노이즈
    ("n_train", True, "으로"),  # 엔 트레인
    ("x", False, "로"),  # 엑스
    ("LSTM", True, "으로"),  # 엘에스티엠
    ("CNN", True, "으로"),  # 씨엔엔
    ("XML", True, "로"),  # 엑스엠엘: ㄹ
    ("0", True, "으로"),  # 영
    ("1", True, "로"),  # 일: ㄹ
    ("2", False, "로"),  # 이
    ("3", True, "으로"),  # 삼
    ("4", False, "로"),  # 사
    ("5", False, "로"),  # 오
    ("6", True, "으로"),  # 육
    ("7", True, "로"),  # 칠: ㄹ
    ("8", True, "로"),  # 팔: ㄹ
    ("9", False, "로"),  # 구
    ("10", True, "으로"),  # 십
    ("100", True, "으로"),  # 백
    ("1,000", True, "으로"),  # 천
    ("20000", True, "으로"),  # 이만
    ("0.05", False, "로"),  # 영점영오
    ("0.5", False, "로"),
    ("-0.1", True, "로"),  # 영점일
    ("97.9 %", False, "로"),  # 퍼센트
    ("--warm-up", True, "으로"),  # 웜업
    ("--clip", True, "으로"),  # 클립
    ("--fail-on", True, "으로"),  # 온
    ("--baseline", True, "으로"),  # 베이스라인
    ("--target", True, "으로"),  # 타깃
    ("--metric", True, "으로"),  # 메트릭
    ("--init", True, "으로"),  # 이닛
    ("--out", True, "으로"),  # 아웃
    ("--residual", True, "로"),  # 리지듀얼: ㄹ
    ("--schedule", True, "로"),  # 스케줄: ㄹ
    ("--range", False, "로"),  # 레인지
    ("--recurrent", False, "로"),  # 리커런트
    ("--notebooks", False, "로"),  # 노트북스
    ("--batch-size", False, "로"),
    ("--sigma-w2", False, "로"),  # 이
    ("--noise-columns", False, "로"),  # 컬럼스
    ("page.html", True, "로"),  # 에이치티엠엘: ㄹ
    ("card.png", False, "로"),  # 피엔지
    ("r", True, "로"),  # 알: ㄹ
    ("loop", False, "로"),  # 루프
    ("sweep", True, "으로"),  # 스윕
    ("x²", True, "으로"),  # 엑스 제곱
    ("nan", True, "으로"),  # 난
    ("NaN", True, "으로"),
    ("None", True, "으로"),  # 넌
    ("True", False, "로"),  # 트루
    # What closes a word without a sound does not count.
    ("leaky_relu(alpha=0.05)", False, "로"),  # … 오
    ("leaky_relu(alpha=0.1)", True, "로"),  # … 일
    ("x*tanh(softplus(x))", False, "로"),  # … 엑스
    ("x**3", True, "으로"),  # … 삼
    ("'0.05'", False, "로"),
    ("[8, 0]", True, "으로"),
]


@pytest.mark.parametrize(("word", "closed", "direction"), WORDS, ids=[word for word, _, _ in WORDS])
def test_the_table(word, closed, direction):
    for pair in ("은/는", "이/가", "을/를", "과/와"):
        after_closed, after_open = pair.split("/")
        assert with_particle(word, pair) == word + (after_closed if closed else after_open)
    assert with_particle(word, "으로/로") == word + direction


def test_every_generator_and_built_in_is_read_on_purpose():
    """A new built-in whose last letter may mislead needs a line in the table above: e (silent), and p, k, t, s after
    which Korean may or may not add a vowel."""
    looked_at = {word for word, _, _ in WORDS}
    safe = ("u", "h", "d", "n", "l", "lus", "y", "shrink", "erf", "max")
    unknown = [name for name in actlab.names() if name not in looked_at and not name.endswith(safe)]
    assert set(unknown) <= {"rrelu", "silu"}


@given(st.text(max_size=12), st.sampled_from(["은/는", "이/가", "을/를", "과/와", "으로/로"]))
def test_any_text_gets_one_of_the_two(word, pair):
    """Empty words, brackets only, other scripts, digits of other scripts: always the word and one of the two halves."""
    assert with_particle(word, pair) in {word + half for half in pair.split("/")}


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
def test_hangul_syllables_by_their_jamo(syllable):
    """Unicode decomposes a closed syllable into three letters, an open one into two."""
    import unicodedata

    parts = unicodedata.normalize("NFD", syllable)
    closed = len(parts) == 3
    assert with_particle(syllable, "은/는") == syllable + ("은" if closed else "는")
    rieul = closed and parts[2] == "\N{HANGUL JONGSEONG RIEUL}"
    assert with_particle(syllable, "으로/로") == syllable + ("으로" if closed and not rieul else "로")


def test_quoted_words_are_read_without_their_quotation_marks():
    assert with_particle("moons", "”은/는") == "moons”는"
    assert with_particle("Softmax 층", "”은/는") == "Softmax 층”은"
    assert with_particle("서울", "’으로/로") == "서울’로"
    assert with_particle("부산", "’으로/로") == "부산’으로"


def test_no_sentence_leaves_the_choice_to_the_reader():
    for path in (Path(actlab.text.__file__).parent / "locale" / "ko").glob("*.toml"):
        assert not re.search(
            r"[은는이가을를와과]\([은는이가을를와과]\)|\(으\)로|으로\(로\)", path.read_text("utf-8")
        ), path


def test_in_a_sentence():
    said = tr("study.whole_number", "ko", name="hidden", value="0", low="1", high="4,096")
    assert said.startswith("hidden은 1부터 4,096까지의 정수여야 하는데, 0이 주어졌습니다")
    assert tr("study.arm_twice", "ko", name="relu").startswith("relu가 두 번")
