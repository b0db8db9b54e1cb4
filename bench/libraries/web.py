"""Requests, applications, pages, logs, commands."""

from bench.breadth.matrix import Case, case

CASES: list[Case] = []


def application(package: str, what: str, make: str, use: str) -> None:
    CASES.append(case("applications", f"{package}: {what}", make, use, package=package))


application(
    "requests",
    "session with a hook and an adapter",
    """
import requests

class Adapter(requests.adapters.HTTPAdapter):
    def send(self, request, **kwargs):
        response = requests.Response()
        response.status_code, response._content, response.request = 200, request.url.encode(), request
        return response

made = requests.Session()
made.headers["X"] = "y"
made.cookies.set("k", "v")
made.mount("https://", Adapter(max_retries=2))
made.hooks["response"].append(lambda response, **kwargs: setattr(response, "seen", True))
""",
    "(lambda r: r.text == 'https://here.example/' and r.seen and r.request.headers['X'] == 'y')(made.get('https://here.example/')) and made.cookies['k'] == 'v'",
)
application(
    "requests",
    "response and prepared request",
    """
import requests
response = requests.Response()
response.status_code, response._content = 200, b'{"a": 1}'
made = (response, requests.Request("POST", "https://here.example", json={"a": 1}).prepare(), lambda: response.json())
""",
    "made[0].json() == {'a': 1} and made[1].body == b'{\"a\": 1}' and made[2]() == {'a': 1}",
)
application(
    "httpx",
    "request, response, headers, URL and authentication of one's own",
    """
import httpx

class Token(httpx.Auth):
    def __init__(self, token): self.token = token
    def auth_flow(self, request):
        request.headers["X-Token"] = self.token
        yield request

made = (httpx.Response(200, json={"a": 1}, request=httpx.Request("GET", "https://here.example")), httpx.URL("https://a/b?c=d"), httpx.Headers({"K": "v"}), Token("t"), httpx.Timeout(3))
""",
    "made[0].json() == {'a': 1} and made[1].params['c'] == 'd' and made[2]['k'] == 'v' and made[3].token == 't' and made[4].read == 3",
)
application(
    "httpx",
    "client with a transport of one's own",
    """
import httpx
made = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, text=request.url.host)), headers={"a": "b"})
""",
    "made.get('https://here.example/').text == 'here.example' and made.headers['a'] == 'b'",
)
application(
    "Flask",
    "application with routes",
    """
import flask

app = flask.Flask("app")
hits = []

@app.route("/<name>")
def hello(name):
    hits.append(name)
    return f"hello {name} {len(hits)}"

made = app
""",
    "made.test_client().get('/ada').text == 'hello ada 1' and made.test_client().get('/ada').text == 'hello ada 2'",
)
application(
    "Jinja2",
    "template and its source",
    """
import jinja2
environment = jinja2.Environment(autoescape=True)
environment.filters["shout"] = lambda text: text.upper()
made = environment.from_string("{% for x in xs %}{{ x|shout }};{% endfor %}")
""",
    "made.render(xs=['a', '<']) == 'A;&lt;;'",
)
application(
    "Jinja2",
    "environment with filters, tests and globals",
    """
import jinja2
made = jinja2.Environment(loader=jinja2.DictLoader({"a": "{{ 3|twice }}{% include 'b' %}", "b": "{{ name() }}"}), undefined=jinja2.StrictUndefined)
made.filters["twice"] = lambda value: value * 2
made.globals["name"] = lambda: "ada"
made.get_template("a").render()
""",
    "made.get_template('a').render() == '6ada'",
)
application(
    "click",
    "command with options",
    """
import click

@click.command()
@click.option("--count", default=2, callback=lambda context, option, value: value * 2)
@click.argument("name")
def made(count, name):
    click.echo(name * count)
""",
    "__import__('click.testing').testing.CliRunner().invoke(made, ['ab']).output == 'abababab\\n'",
)
application(
    "click",
    "group with a parameter type of one's own",
    """
import click

class Even(click.ParamType):
    name = "even"
    def convert(self, value, param, ctx):
        if int(value) % 2:
            self.fail("odd", param, ctx)
        return int(value)

@click.group()
@click.pass_context
def made(context):
    context.obj = {"k": 1}

@made.command()
@click.argument("n", type=Even())
@click.pass_obj
def half(obj, n):
    click.echo(n // 2 + obj["k"])
""",
    "__import__('click.testing').testing.CliRunner().invoke(made, ['half', '8']).output == '5\\n' and __import__('click.testing').testing.CliRunner().invoke(made, ['half', '7']).exit_code == 2",
)
application(
    "typer",
    "application",
    """
import typer
from typing import Annotated
made = typer.Typer()

@made.command()
def hello(name: str, times: Annotated[int, typer.Option(min=1)] = 1):
    typer.echo(f"hello {name}" * times)

@made.command()
def bye(): typer.echo("bye")
""",
    "__import__('typer.testing').testing.CliRunner().invoke(made, ['hello', 'ada', '--times', '2']).output.strip() == 'hello adahello ada'",
)
application(
    "rich",
    "table, text, and a renderable of one's own",
    """
from rich.table import Table
from rich.text import Text

class Bar:
    def __init__(self, n): self.n = n
    def __rich_console__(self, console, options): yield "#" * self.n

made = Table("name", "bar")
made.add_row(Text("ada", style="bold"), Bar(3))
""",
    "(lambda console: (console.print(made), '###' in console.file.getvalue() and 'ada' in console.file.getvalue())[1])(__import__('rich.console').console.Console(file=__import__('io').StringIO(), width=60))",
)
application(
    "rich",
    "console",
    "import io\nfrom rich.console import Console\nmade = Console(file=io.StringIO(), width=40, record=True)\nmade.print('[b]first[/b]')",
    "(made.print('second'), made.export_text())[1] == 'first\\nsecond\\n' and made.width == 40",
)
application(
    "tqdm",
    "progress bar over a list",
    "import io, tqdm\nmade = tqdm.tqdm([1, 2, 3], file=io.StringIO(), desc='d')",
    "list(made) == [1, 2, 3] and made.desc.startswith('d')",
)
application(
    "structlog",
    "bound logger with a processor",
    """
import structlog

def add(logger, name, event):
    event["extra"] = 1
    return event

made = structlog.wrap_logger(structlog.ReturnLogger(), processors=[add, lambda l, n, e: e, structlog.processors.JSONRenderer(sort_keys=True)], wrapper_class=structlog.BoundLogger).bind(k="v")
""",
    'made.info(\'said\') == \'{"event": "said", "extra": 1, "k": "v"}\'',
)
application(
    "structlog",
    "logger that prints",
    """
import structlog
made = structlog.wrap_logger(structlog.PrintLogger(), processors=[structlog.processors.LogfmtRenderer()]).bind(k=1)
""",
    "made.bind(j=2)._context == {'k': 1, 'j': 2} and made.info('x') is None",
)
application(
    "loguru",
    "function that logs",
    """
from loguru import logger
def made(text):
    seen = []
    sink = logger.add(seen.append, format="{message}")
    logger.bind(k=1).info(text)
    logger.remove(sink)
    return str(seen[0])
""",
    "made('said') == 'said\\n'",
)
application(
    "loguru",
    "logger with a sink",
    """
import sys
from loguru import logger
class Sink:
    seen = []
    def __call__(self, message): self.seen.append(str(message))
logger.remove()
sink = Sink()
logger.add(sink, format=lambda record: "{level}:{message}")
made = (logger, sink)
""",
    "(made[0].warning('x'), made[1].seen)[1] == ['WARNING:x']",
)
application(
    "PyYAML",
    "loader with a tag of one's own",
    """
import yaml

class Loader(yaml.SafeLoader):
    pass

class Monster(yaml.YAMLObject):
    yaml_tag = "!Monster"
    yaml_loader = Loader
    def __init__(self, name): self.name = name

Loader.add_constructor("!twice", lambda loader, node: int(loader.construct_scalar(node)) * 2)
made = (Loader, Monster, Monster("m"))
""",
    "__import__('yaml').load('{a: !twice 3, m: !Monster {name: q}}', made[0])['a'] == 6 and type(__import__('yaml').load('!Monster {name: q}', made[0])) is made[1]",
)
application(
    "lxml",
    "element tree",
    "from lxml import etree\nmade = etree.fromstring('<a><b k=\"v\">t</b>tail</a>')",
    "made.find('b').get('k') == 'v' and made.find('b').tail == 'tail'",
)
application(
    "lxml",
    "element, document, schema and query in a function",
    """
from lxml import etree, objectify
root = etree.fromstring('<a xmlns:n="u"><b/><b/></a>')
path = etree.XPath("//b")
made = lambda: len(path(root))
""",
    "made() == 2",
)
application(
    "beautifulsoup4",
    "tree and tag",
    "import bs4\nsoup = bs4.BeautifulSoup('<p class=\"x\">a<b>c</b></p>', 'html.parser')\nmade = (soup, soup.p, lambda tag: tag.name == 'b')",
    "made[0].find(made[2]).text == 'c' and made[1]['class'] == ['x'] and made[1].text == 'ac'",
)
application(
    "Faker",
    "generator with a provider",
    """
from faker import Faker
from faker.providers import BaseProvider

class Provider(BaseProvider):
    def colour(self): return "red"

made = Faker()
made.add_provider(Provider)
made.seed_instance(4)
""",
    "made.colour() == 'red' and isinstance(made.name(), str)",
)
application(
    "pytest",
    "marks, raises and fixtures",
    "import pytest\nmade = (pytest.param(1, lambda: 2, id='x', marks=pytest.mark.slow), pytest.approx(0.3), lambda: pytest.raises(ValueError, int, 'x'))",
    "made[0].values[1]() == 2 and made[0].marks[0].name == 'slow' and 0.1 + 0.2 == made[1] and made[2]().type is ValueError",
)
application(
    "hypothesis",
    "strategy of one's own",
    """
from hypothesis import find, settings, strategies as st
made = st.integers(0, 50).map(lambda n: n * 2).filter(lambda n: n > 10)
""",
    "__import__('hypothesis').find(made, lambda n: n > 20) == 22",
)
