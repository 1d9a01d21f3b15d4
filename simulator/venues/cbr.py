"""The Bank of Russia: the daily rates, as XML in windows-1251."""

from datetime import datetime, timedelta, timezone

from ..endpoint import RestEndpoint
from ..faults import Kind
from ..messages import Reply
from ..venue import Venue

MOSCOW = timezone(timedelta(hours=3))
# Id, number, code, nominal, name, roubles for the nominal; the dollar's are live.
VALUTES = (
    ("R01010", "036", "AUD", 1, "Австралийский доллар", "49,1234"), ("R01235", "840", "USD", 1, "Доллар США", None),
    ("R01239", "978", "EUR", 1, "Евро", "83,0512"), ("R01335", "398", "KZT", 100, "Тенге", "14,7716"),
    ("R01820", "392", "JPY", 100, "Иен", "48,8843"))


def describe(valute, value):
    number, code, letters, nominal, name, _ = valute
    # "14,7716" for 100 is "0,147716" for one.
    unit = value if nominal == 1 else f"{float(value.replace(',', '.')) / nominal:.6f}".replace(".", ",")
    return (f'<Valute ID="{number}"><NumCode>{code}</NumCode><CharCode>{letters}</CharCode><Nominal>{nominal}</Nominal>'
            f"<Name>{name}</Name><Value>{value}</Value><VunitRate>{unit}</VunitRate></Valute>")


def moscow_date(now):
    return datetime.fromtimestamp(now / 1000, MOSCOW).strftime("%d.%m.%Y")


class Rest(RestEndpoint):
    name = "cbr"
    ports = {"cbr-port": 9106}
    path = "/scripts/XML_daily.asp"
    setting = "CBR_URL"
    own_faults = (Kind("no_usd"), Kind("zero_price"), Kind("wrong_date", ("21.11.2026",), "date"))

    def answer(self, request, now):
        if request.path != self.path:
            return Reply(404, "<html><body>404</body></html>", "text/html")
        return Reply(200, self.document(now).encode("cp1251"), "application/xml; charset=windows-1251")

    def document(self, now):
        wrong_date = self.take("wrong_date", now)
        is_without_dollar, is_zero = self.take("no_usd", now), self.take("zero_price", now)
        dollar = "0,0000" if is_zero else self.world.rouble.official.replace(".", ",")
        valutes = [describe(valute, valute[-1] or dollar) for valute in VALUTES if valute[-1] or not is_without_dollar]
        date = wrong_date.value if wrong_date else moscow_date(now)
        return (f'<?xml version="1.0" encoding="windows-1251"?><ValCurs Date="{date}" name="Foreign Currency Market">'
                f'{"".join(valutes)}</ValCurs>')


class BankOfRussia(Venue):
    name = "cbr"
    endpoints = (Rest,)

    def state(self):
        return {"cbr": {"USD/RUB": self.world.rouble.official}}


VENUE = BankOfRussia
