import re
from html.parser import HTMLParser

import pytest

from coldlink.sequences.errors import DataFolderError
from coldlink.stations.data_folder import DataFolder
from coldlink.stations.measurement import Order, measure
from coldlink.stations.report import write_report

ATTRIBUTES = {"src", "href", "srcset", "data", "poster", "action"}


class Resources(HTMLParser):
    """The addresses that a browser would load, and the text outside of scripts."""

    def __init__(self):
        super().__init__()
        self.loaded, self.text, self._raw = [], "", ""

    def handle_starttag(self, tag, attributes):
        self.loaded += [value for name, value in attributes if name in ATTRIBUTES]
        self._raw = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag):
        self._raw = ""

    def handle_data(self, data):
        if not self._raw:
            self.text += f" {data}"
        if self._raw == "style":
            self.loaded += re.findall(r"url\([^)]*\)|@import[^;]*", data)


class Silent:
    def expect(self, steps): ...

    def begin(self, step): ...

    def say(self, sentence): ...


@pytest.fixture
def record(fake, data):
    folder = DataFolder(data)
    folder.prepare()
    order = Order(station="cryostat_2", protocol="handshake", seed=7, shots=None, command=("coldlink", "run"))
    measure(order, fake["Session"]("cryostat_2"), folder, Silent(), lambda: 30.0)
    return folder.find("last")


@pytest.fixture
def html(record):
    return (record.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def page(html):
    page = Resources()
    page.feed(html)
    page.close()
    return page


def test_a_report_loads_nothing_from_anywhere(html, page):
    assert page.loaded == ["data:,"]
    assert "default-src 'none'" in html
    assert html.count("plotly.js v") == 1
    assert '"showSendToCloud": false' in html


def test_a_report_says_in_words_what_was_measured_and_whether_it_passed(page):
    text = " ".join(page.text.split())
    for words in (
        "PASS all 2 gates passed",
        "raw 58.5 ± 0.4 %",
        "corrected 67.9 ± 0.5 %",
        "Threshold 50 %",
        "raw: above 50 % by 21 errors",
        "parameters from design",
        "seed 7",
        "0f" * 32,
        "stage of the line 4.01 K below 4.5 K passed",
        "a.f01 5.04 GHz design <b>",
        "qick 0.2.436",
    ):
        assert words in text


def test_what_a_station_wrote_cannot_become_markup(html):
    assert "design <b>" not in html
    assert "Process matrix </script>" not in html
    assert html.count("<script") == html.count("</script>") == 4


def test_a_report_is_made_again_from_what_the_run_kept(record, html):
    (record.folder / "report.html").unlink()
    assert write_report(record).read_text(encoding="utf-8") == html


def test_a_failed_gate_is_named_at_the_top(fake, data):
    folder = DataFolder(data)
    folder.prepare()
    order = Order(station="cryostat_2", protocol="bell", seed=None, shots=None, command=())
    measure(order, fake["Session"]("cryostat_2", passed=False), folder, Silent(), lambda: 1.0)
    text = folder.find("last").folder.joinpath("report.html").read_text(encoding="utf-8")
    assert "<strong>FAIL</strong> 1 of 2 gates failed: process fidelity (raw)" in text


def test_a_run_without_a_result_has_no_report(data):
    folder = DataFolder(data)
    folder.prepare()
    with folder.begin(station="a", protocol="bell", seed=None, command=()) as run:
        pass
    with pytest.raises(DataFolderError, match="this run is aborted and has no result; its data"):
        write_report(folder.find(run.folder.name))
