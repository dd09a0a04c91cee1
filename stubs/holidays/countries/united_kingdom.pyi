from datetime import date

class UnitedKingdom(dict[date, str]):
    def __init__(self, *, subdiv: str, years: int) -> None: ...
