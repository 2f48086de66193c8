"""Numbers that have right check digits and that nobody has, each given out once."""

from random import Random

from nattbok.countries.check_digits import mod10, mod11

_ORG_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


class Numbers:
    """Gives out organisation numbers and accounts, never the same twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._given: set[str] = set()

    def org_number(self, country: str) -> str:
        """NO: nine digits beginning with 31, a range not given out. SE: ten digits beginning with 559."""
        while True:
            if country == "NO":
                stem = f"31{self._random.randrange(10**6):06}"
                check = str(-sum(int(a) * b for a, b in zip(stem, _ORG_WEIGHTS, strict=True)) % 11)
            else:
                stem = f"559{self._random.randrange(10**6):06}"
                check = mod10(stem)
            if len(check) == 1 and self._is_new(stem + check):
                return stem + check

    def bban(self) -> str:
        """A Norwegian account at banks 9997 to 9999, which do not exist."""
        while True:
            stem = f"{self._random.randrange(9997, 10000)}{self._random.randrange(10**6):06}"
            check = mod11(stem)
            if check != "-" and self._is_new(stem + check):
                return stem + check

    def bankgiro(self) -> str:
        """Eight digits beginning with 9."""
        while True:
            stem = f"9{self._random.randrange(10**6):06}"
            if self._is_new(stem + mod10(stem)):
                return stem + mod10(stem)

    def swedish_iban(self) -> str:
        """An IBAN at bank 999, which does not exist."""
        while True:
            number = iban("SE", f"999{self._random.randrange(10**17):017}")
            if self._is_new(number):
                return number

    def _is_new(self, number: str) -> bool:
        if number in self._given:
            return False
        self._given.add(number)
        return True


def iban(country: str, account: str) -> str:
    """The IBAN of a domestic account number of digits. Source: ISO 13616, ISO 7064 MOD 97-10."""
    digits = "".join(str(int(sign, 36)) for sign in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{account}"
