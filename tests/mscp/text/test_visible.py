"""What nobody can see is dropped from what a visitor typed."""

from mscp.text.visible import strip_invisible


def test_control_characters_halves_and_marks_that_turn_text_go() -> None:
    assert strip_invisible("a\x00b \u202eodd\ud800\ufeff") == "ab odd"


def test_letters_of_any_script_stay() -> None:
    assert strip_invisible("Café 日本 👶") == "Café 日本 👶"
