from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import PROJECT, Config
from rag.errors import ConfigError


def test_without_settings_everything_lives_in_the_project() -> None:
    config = Config.load(environment={})
    assert (config.home, config.corpus) == (PROJECT / ".rag", PROJECT / "corpus")
    assert config.store_location == str(PROJECT / ".rag" / "chroma")
    assert (config.embedder, config.llm) == ("packaged", "none")


def test_a_later_source_wins(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text('embedder = "from-file"\nhome = "/file"\ncorpus = "/file"\n')
    environment = {"RAG_HOME": "/environment", "RAG_CORPUS": "/environment", "PATH": "/bin"}
    config = Config.load(environment=environment, folder=tmp_path, corpus="/call")
    assert (config.embedder, str(config.home), str(config.corpus)) == ("from-file", "/environment", "/call")


def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown setting 'embeder' in the call; did you mean 'embedder'"):
        Config.load(environment={}, embeder="x")
    with pytest.raises(ConfigError, match="unknown setting 'RAG_STROE' in the environment; did you mean 'store'"):
        Config.load(environment={"RAG_STROE": "x"})
    (tmp_path / "rag.toml").write_text("hoem = 1")
    with pytest.raises(ConfigError, match=r"unknown setting 'hoem' in .*rag\.toml; did you mean 'home'"):
        Config.load(environment={}, folder=tmp_path)


def test_a_settings_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "rag.toml").write_text("home = ")
    with pytest.raises(ConfigError, match=r"rag\.toml cannot be read"):
        Config.load(environment={}, folder=tmp_path)


@pytest.mark.parametrize("risk", ["0", "1", "-0.5", "much", "nan"])
def test_a_risk_that_is_no_share_is_refused(risk: str) -> None:
    with pytest.raises(ConfigError, match="risk must"):
        Config.load(environment={"RAG_RISK": risk})


@pytest.mark.parametrize(
    "llm", ["none", "ollama:gemma3:4b", "openai:gpt-5-mini", "http://127.0.0.1:8080/v1#any/name", "gguf:~/a b.gguf", "scripted:s"]
)
def test_a_language_model_is_named_in_one_of_a_few_forms(llm: str) -> None:
    assert Config.load(environment={"RAG_LLM": llm}).llm == llm


@pytest.mark.parametrize(
    "llm", ["", "gemma", "ollama:", "http://host/v1", "http://me:sk-secret@host/v1#m", "http://host/v1?key=sk-secret#m"]
)
def test_any_other_form_is_refused_without_repeating_what_may_be_a_key(llm: str) -> None:
    with pytest.raises(ConfigError, match="llm must be 'none', 'ollama:NAME'") as refused:
        Config.load(environment={"RAG_LLM": llm})
    assert "sk-secret" not in str(refused.value)


def test_prices_and_patience_are_numbers() -> None:
    assert Config.load(environment={"RAG_LLM_PRICE": "0.15, 0.6"}).prices == (0.15e-6, 0.6e-6)
    assert Config.load(environment={}).prices is None
    with pytest.raises(ConfigError, match="llm_price must be two numbers"):
        Config.load(environment={"RAG_LLM_PRICE": "cheap"})
    for patience in ("0", "nan", "inf", "long"):
        with pytest.raises(ConfigError, match="llm_patience must be"):
            Config.load(environment={"RAG_LLM_PATIENCE": patience})


@pytest.mark.parametrize(
    "setting", ["llm_price = [0.15, 0.6]", "llm_price = 0.15", "llm = 5", "home = 5", 'reader = ["x"]', "store = 1"]
)
def test_a_value_of_another_type_is_a_clear_error(tmp_path: Path, setting: str) -> None:
    (tmp_path / "rag.toml").write_text(setting)
    with pytest.raises(ConfigError, match=rf"{setting.split()[0]} must be text; in rag.toml it stands in quotes"):
        Config.load(environment={}, folder=tmp_path)


def test_the_store_goes_with_its_home_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/people/me")
    config = Config(home=Path("/a"))
    assert replace(config, home=Path("/b")).store_location == "/b/chroma"
    assert Config(store="~/vectors").store_location == "/people/me/vectors"
    assert Config(store="http://chroma:8000").store_location == "http://chroma:8000"
