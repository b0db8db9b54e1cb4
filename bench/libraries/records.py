"""Classes that declare their fields: validation, mapping, settings."""

from bench.breadth.matrix import Case, case

CASES: list[Case] = []


def record(package: str, what: str, make: str, use: str, before: str = "") -> None:
    CASES.append(case("records", f"{package}: {what}", make, use, package=package, before=before))


record(
    "attrs",
    "class with validators and factories",
    """
import attrs

@attrs.define
class Point:
    x: int = attrs.field(validator=attrs.validators.instance_of(int))
    seen: list = attrs.field(factory=lambda: [1])

made = Point(2)
""",
    "made.seen == [1] and made == type(made)(2) and repr(made) == 'Point(x=2, seen=[1])'"
    " and __import__('attrs').asdict(made) == {'x': 2, 'seen': [1]}",
)
record(
    "attrs",
    "frozen class in a dict and a subclass",
    """
import attrs

@attrs.frozen
class Base:
    x: int

@attrs.frozen(order=True)
class Point(Base):
    y: int = 3
    def total(self): return super().__getattribute__('x') + self.y

made = {Point(1): [Point(1), Point]}
""",
    "(lambda k, v: v[0] == k and isinstance(k, v[1]) and k.total() == 4 and k < v[1](2) and hash(k) == hash(v[0]))(*next(iter(made.items())))",
)
record(
    "attrs",
    "class with converter, on_setattr and cached property",
    """
import attrs, functools

@attrs.define(slots=True)
class Price:
    value: float = attrs.field(converter=lambda text: float(text), on_setattr=attrs.setters.convert)
    @functools.cached_property
    def double(self): return self.value * 2

made = Price("1.5")
""",
    "made.double == 3.0 and (setattr(made, 'value', '4'), made.value)[1] == 4.0",
)
record(
    "cattrs",
    "converter with a hook",
    """
import attrs, cattrs

@attrs.define
class Point:
    x: int
    y: int

converter = cattrs.Converter()
converter.register_structure_hook(Point, lambda value, _: Point(*value))
made = (converter, Point)
""",
    "made[0].structure([1, 2], made[1]) == made[1](1, 2)",
)
record(
    "pydantic",
    "model",
    """
import pydantic

class User(pydantic.BaseModel):
    name: str
    tags: list[str] = pydantic.Field(default_factory=lambda: ["new"])

made = User(name="ada")
""",
    "made.model_dump() == {'name': 'ada', 'tags': ['new']} and type(made).model_validate_json('{\"name\": \"b\"}').name == 'b' and made == type(made)(name='ada')",
)
record(
    "pydantic",
    "model class with validators",
    """
import pydantic

class Order(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(validate_assignment=True, frozen=False)
    amount: int
    label: str = ""

    @pydantic.field_validator("amount")
    @classmethod
    def positive(cls, value):
        if value <= 0:
            raise ValueError("not positive")
        return value

    @pydantic.model_validator(mode="after")
    def fill(self):
        self.__dict__["label"] = f"{self.amount} pieces"
        return self

    @pydantic.computed_field
    @property
    def double(self) -> int:
        return self.amount * 2

    @pydantic.field_serializer("label")
    def shout(self, value): return value.upper()

made = Order
""",
    "made(amount=3).model_dump() == {'amount': 3, 'label': '3 PIECES', 'double': 6}"
    " and made.__pydantic_validator__.title == 'Order' and 'amount' in made.model_json_schema()['properties']",
)
record(
    "pydantic",
    "generic model",
    """
import typing
import pydantic

T = typing.TypeVar("T")

class Box(pydantic.BaseModel, typing.Generic[T]):
    content: T

made = (Box, Box[int], Box[int](content=3))
""",
    "made[2].content == 3 and isinstance(made[2], made[0]) and type(made[2]) is made[1] and made[1](content='4').content == 4 and made[0][str](content='a').content == 'a'",
)
record(
    "pydantic",
    "nested and recursive models with private attributes",
    """
from __future__ import annotations
import pydantic

class Node(pydantic.BaseModel):
    value: int
    children: list[Node] = []
    _seen: int = pydantic.PrivateAttr(default=5)

class Tree(pydantic.BaseModel):
    root: Node

made = Tree(root=Node(value=1, children=[Node(value=2)]))
made.root._seen = 7
""",
    "made.root._seen == 7 and made.root.children[0]._seen == 5"
    " and type(made).model_validate({'root': {'value': 1, 'children': [{'value': '2'}]}}).root.children[0].value == 2",
)
record(
    "pydantic",
    "validated function, adapter and dataclass",
    """
import pydantic
import pydantic.dataclasses

@pydantic.dataclasses.dataclass
class Point:
    x: int

made = (Point("3"), pydantic.TypeAdapter(list[Point]))
""",
    "made[0].x == 3 and type(made[0])('4').x == 4 and made[1].validate_python([{'x': '5'}])[0].x == 5",
)
record(
    "pydantic",
    "function with validate_call",
    """
import pydantic

@pydantic.validate_call
def made(x: int, y: int = 2) -> int:
    return x + y
""",
    "made('3') == 5",
)
record(
    "msgspec",
    "struct",
    """
import msgspec

class Point(msgspec.Struct, frozen=True, tag="point"):
    x: int
    y: list[int] = msgspec.field(default_factory=list)
    def total(self): return self.x + sum(self.y)

made = Point(1, [2])
""",
    'made.total() == 3 and made == type(made)(1, [2]) and __import__(\'msgspec\').json.encode(made) == b\'{"type":"point","x":1,"y":[2]}\''
    ' and __import__(\'msgspec\').json.decode(b\'{"type":"point","x":4}\', type=type(made)).x == 4',
)
record(
    "marshmallow",
    "schema",
    """
import marshmallow
import marshmallow.validate

class UserSchema(marshmallow.Schema):
    name = marshmallow.fields.Str(required=True)
    age = marshmallow.fields.Int(validate=marshmallow.validate.Range(min=1))

    @marshmallow.post_load
    def build(self, data, **kwargs):
        return ("user", data["name"])

made = UserSchema()
""",
    "made.load({'name': 'ada', 'age': 3}) == ('user', 'ada') and made.dump({'name': 'b'}) == {'name': 'b'} and 'age' in made.validate({'name': 'x', 'age': -1})",
)
record(
    "SQLAlchemy",
    "mapped instance",
    """
import sqlalchemy as sa
from sqlalchemy import orm

class Base(orm.DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]

made = User(id=1, name="ada")
""",
    "made.name == 'ada' and type(made).__table__.name == 'users' and type(made)(name='b').name == 'b'",
)
record(
    "SQLAlchemy",
    "detached instance with its relationship",
    """
import sqlalchemy as sa
from sqlalchemy import orm

class Base(orm.DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]
    posts: orm.Mapped[list["Post"]] = orm.relationship(back_populates="author")

class Post(Base):
    __tablename__ = "posts"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    author_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("users.id"))
    author: orm.Mapped[User] = orm.relationship(back_populates="posts")

engine = sa.create_engine("sqlite://")
Base.metadata.create_all(engine)
session = orm.Session(engine)
session.add(User(name="ada", posts=[Post(), Post()]))
session.commit()
made = session.query(User).one()
made.posts, made.name
session.expunge_all()
""",
    "made.name == 'ada' and len(made.posts) == 2 and made.posts[0].author is made",
)
record(
    "SQLAlchemy",
    "table, select and row",
    """
import sqlalchemy as sa

table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer, default=lambda: 7), sa.Column("b", sa.String))
with sa.create_engine("sqlite://").begin() as connection:
    table.create(connection)
    connection.execute(table.insert(), {"b": "x"})
    row = connection.execute(table.select()).one()
made = (table, sa.select(table.c.a).where(table.c.b == "x"), row)
""",
    "'FROM t' in str(made[1]) and made[2].a == 7 and made[0].c.a.default.arg(None) == 7",
)

DJANGO = """
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_I18N=False,
)
django.setup()
"""
record(
    "Django",
    "instance, query and lazy text",
    DJANGO
    + """
from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils.functional import lazy
made = (User(username="ada"), Q(name="x") | Q(age=F("old")), lambda: User.objects.filter(username="ada").query, lazy(lambda: "late", str)())
""",
    "made[0].username == 'ada' and made[1].children[0] == ('name', 'x') and 'WHERE' in str(made[2]()) and str(made[3]) == 'late'",
    DJANGO,
)
record(
    "Django",
    "model class",
    DJANGO
    + """
from django.db import models

class Note(models.Model):
    class Meta: app_label = "notes"
    text = models.CharField(max_length=9, default=lambda: "new")
    def shout(self): return self.text.upper()

made = (Note, lambda: Note(text="hi"))
""",
    "made[1]().shout() == 'HI' and made[0]().text == 'new' and made[0]._meta.get_field('text').max_length == 9",
    DJANGO,
)
record(
    "Django",
    "form with a validator",
    DJANGO
    + """
from django import forms
from django.core.exceptions import ValidationError

def short(value):
    if len(value) > 3:
        raise ValidationError("too long")

class Ask(forms.Form):
    name = forms.CharField(validators=[short])

made = Ask
""",
    "made({'name': 'ada'}).is_valid() and not made({'name': 'adam'}).is_valid()",
    DJANGO,
)
