"""The pages as a Flask application: parts, languages, sign-in, headers and limits put together."""

from flask import Flask, g, render_template, request, session
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from miriam_platform.database import LOST
from miriam_platform.pool import Pool
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.web import addresses, limits, security, turns
from miriam_reporting.web.explained import in_words
from miriam_reporting.web.guard import asked_now
from miriam_reporting.web.languages import LANGUAGES, Format
from miriam_reporting.web.languages.catalogues import catalogues
from miriam_reporting.web.navigation import navigation, viewer_name
from miriam_reporting.web.parts import PARTS
from miriam_reporting.web.problems import told
from miriam_reporting.web.remembered import Remembered
from miriam_reporting.web.roles import ANYBODY
from miriam_reporting.web.settings import Settings
from miriam_reporting.web.sign_in import oidc, sessions
from miriam_reporting.web.view import WITHHELD, plain
from miriam_reporting.web.warmer import Warmer

# One for each request that has its turn, and some for what needs none, one of them the warmer's.
CONNECTIONS = turns.AT_ONCE + 3
DEFAULT_LANGUAGE = "fr"
LONGEST_FORM = 256 * 1024


def create_app(settings: Settings, pool: Pool | None = None) -> Flask:
    """The application; it opens connections when it first needs one.

    Raises Clash where two catalogues contradict each other.
    """
    app = Flask("miriam_reporting.web", static_url_path="/static")
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="miriam",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        MAX_CONTENT_LENGTH=LONGEST_FORM,
        # Until the session ends: a page that was left open over lunch can still be sent.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["miriam.settings"] = settings
    database = pool or Pool(settings.database_url, "reporting-pages", CONNECTIONS)
    app.extensions["miriam.database"] = database
    app.extensions["miriam.remembered"] = remembered = Remembered()
    layouts = Layouts(settings.database_url, "reporting-layout", database)
    app.extensions["miriam.layouts"] = layouts
    app.extensions["miriam.warmer"] = Warmer(database, layouts, remembered)
    _speak(app)
    _know_readers(app)
    limits.install(app, settings.per_minute)
    turns.install(app)
    CSRFProtect(app)
    oidc.install(app, settings)
    security.install(app, secure=settings.secure)
    for part in PARTS:
        app.register_blueprint(part.blueprint)
    _tell_problems(app)
    _tell_warmer(app)
    return app


def _speak(app: Flask) -> None:
    known = catalogues()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # Parts translate by the reader's language, which is another for each request.
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: g.words.gettext(text),
        lambda one, many, number: g.words.ngettext(one, many, number),
        newstyle=True,
    )
    for name in ("number", "percent", "money", "date", "moment", "listed"):
        app.jinja_env.filters[name] = lambda value, name=name: getattr(Format(g.language), name)(value)
    app.jinja_env.filters["plain"] = plain
    addresses.install(app)
    app.jinja_env.globals.update(
        in_words=in_words, WITHHELD=WITHHELD, LANGUAGES=LANGUAGES, navigation=navigation, viewer_name=viewer_name
    )

    @app.before_request
    def choose() -> None:
        chosen = request.args.get("lang") or session.get("language") or ""
        if chosen not in LANGUAGES:
            chosen = request.accept_languages.best_match(list(LANGUAGES), DEFAULT_LANGUAGE) or DEFAULT_LANGUAGE
        elif request.args.get("lang") and session.get("language") != chosen:
            session["language"] = chosen
        g.language, g.words = chosen, known.of(chosen)


def _know_readers(app: Flask) -> None:
    @app.before_request
    def know() -> None:
        g.viewer, g.purpose, g.session, g.way = ANYBODY, None, None, None
        text = session.get("signed_in")
        if text is None or request.endpoint == "static":
            return
        pool: Pool = app.extensions["miriam.database"]
        with pool.transaction() as connection:
            found = sessions.seen(connection, text)
        if found is None:
            session.pop("signed_in")
            return
        g.viewer, g.purpose, g.session, g.way = found.viewer, found.purpose, text, found.way


def _tell_warmer(app: Flask) -> None:
    warmer: Warmer = app.extensions["miriam.warmer"]

    @app.after_request
    def looked(response: Response) -> Response:
        edition = (request.view_args or {}).get("edition")
        if edition and response.status_code == 200:
            warmer.looked(edition)
        return response


def _tell_problems(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def problem(error: HTTPException) -> Response:
        response = error.get_response()
        if error.code is None or error.code < 400:
            return response
        html = render_template("problem.html", problem=told(error, asked_now()), asked=asked_now())
        answer = Response(html, error.code, content_type="text/html; charset=utf-8")
        if "Retry-After" in response.headers:
            answer.headers["Retry-After"] = response.headers["Retry-After"]
        return answer

    def away(_: Exception) -> Response:
        # Nothing is asked of the database here, not even who asks.
        g.viewer = ANYBODY
        html = render_template("away.html", asked=asked_now())
        return Response(html, 503, {"Retry-After": "5"}, content_type="text/html; charset=utf-8")

    for lost in LOST:
        app.register_error_handler(lost, away)
