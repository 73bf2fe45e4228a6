"""Where a host can ask its user, nothing is taken away before they agreed; and nobody else can agree for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from anyio import create_task_group, sleep_forever
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, ElicitRequestFormParams, ElicitResult, InputRequiredResult, InputResponses

from tests import make
from tests.mcp.conftest import Agent, text_of, to_its_end, token_of
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.people import queries, signins
from vela.mcp import consent
from vela.mcp.door import Door
from vela.mcp.server import make_server
from vela.mcp.who import HolderOfToken


@dataclass
class User:
    """Whoever sits at the host: what they answer, what they do before they answer, and what they were asked."""

    action: str
    first: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list)

    async def answer(self, context: Any, params: Any) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        assert params.requested_schema == {"type": "object", "properties": {}}
        self.asked.append(params.message)
        self.first()
        return ElicitResult.model_validate({"action": self.action, "content": {}})


@dataclass
class Never(User):
    """Somebody who lets the question stand, or a host that answers something else than it was asked."""

    action: str = ""
    says: dict[str, Any] | None = None

    async def answer(self, context: Any, params: Any) -> ElicitResult:
        if self.says is None:
            await sleep_forever()
        return ElicitResult.model_construct(**self.says or {})


def call(agent: Agent, user: User, tool: str, /, **arguments: Any) -> CallToolResult:
    """A call through a host that can ask `user`."""

    async def called() -> CallToolResult:
        server = make_server(Door(agent.database, HolderOfToken(agent.token)))
        async with Client(server, mode=agent.era, elicitation_callback=user.answer) as client:
            return await client.call_tool(tool, arguments)

    return to_its_end(called)


def names(database: Database, offer: int) -> list[str]:
    with database.reading() as session:
        return [component.name for component in catalog.service(session, offer).components]


def reprice(agent: Agent, component: int, price: int) -> None:
    agent.answer("update_component", component_id=component, unit_sell=price)


def test_a_user_who_agrees_is_told_what_goes_and_what_it_does_to_the_price(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    user = User("accept")
    result = call(agent, user, "delete_component", component_id=ram)
    assert not result.is_error, text_of(result)
    assert names(database, atlas) == ["HDD (1TB)"]
    (question,) = user.asked
    assert question == (
        'Remove the component "RAM (16GB)" from the offer "Atlas"? One unit of the offer then costs 600\u00a0MAD and '
        "sells for 1,000\u00a0MAD, margin 400\u00a0MAD; now it costs 900\u00a0MAD and sells for 1,500\u00a0MAD, margin "
        "600\u00a0MAD."
    )


@pytest.mark.parametrize(("action", "code"), [("decline", "DECLINED"), ("cancel", "CANCELLED")])
def test_a_user_who_does_not_agree_keeps_everything(
    agent: Agent, database: Database, atlas: int, ram: int, action: str, code: str
) -> None:
    user = User(action)
    result = call(agent, user, "delete_component", component_id=ram)
    assert result.is_error
    assert (result.structured_content or {})["error"] == code
    assert "Nothing was changed" in text_of(result)
    assert len(user.asked) == 1
    assert names(database, atlas) == ["HDD (1TB)", "RAM (16GB)"]
    with database.reading() as session:
        assert catalog.how_many_revisions(session, atlas) == 1


def test_a_host_that_cannot_ask_decides_by_the_hint_alone(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    (tool,) = [tool for tool in agent.tools() if tool.name == "delete_component"]
    assert tool.annotations is not None
    assert tool.annotations.destructive_hint is True
    agent.answer("delete_component", component_id=ram)
    assert names(database, atlas) == ["HDD (1TB)"]


@pytest.mark.parametrize("name", ["confirm", "consent", "confirmed", "approved", "force", "yes", "requestState"])
def test_no_argument_stands_in_for_the_user(agent: Agent, database: Database, atlas: int, ram: int, name: str) -> None:
    user = User("accept")
    result = call(agent, user, "delete_component", component_id=ram, **{name: True})
    assert result.is_error
    assert f"no field named {name}" in text_of(result)
    assert user.asked == []
    assert agent.refusal("delete_component", component_id=ram, **{name: True})[0]["status"] == 422
    assert len(names(database, atlas)) == 2


def test_what_moved_while_the_user_was_asked_is_not_what_they_agreed_to(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    prices = iter([650, 650])
    user = User("accept", first=lambda: reprice(agent, ram, next(prices)))
    result = call(agent, user, "delete_component", component_id=ram)
    if agent.era == "legacy":
        assert (result.structured_content or {})["error"] == "MOVED_MEANWHILE"
        assert len(names(database, atlas)) == 2
        return
    assert not result.is_error
    assert ["1,500\u00a0MAD" in question for question in user.asked] == [True, False]
    assert "now it costs 900\u00a0MAD and sells for 1,650\u00a0MAD" in user.asked[1]
    assert names(database, atlas) == ["HDD (1TB)"]


def test_what_the_question_does_not_mention_moves_the_ground_too(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    def noting(words: str) -> User:
        return User("accept", first=lambda: agent.answer("update_component", component_id=ram, notes=words))

    agent.answer("update_component", component_id=ram, unit_cost=310)
    undoing, removing = noting("Contract until 2028"), noting("Rented")
    undone = call(agent, undoing, "undo_change", service_id=atlas, revision=2)
    removed = call(agent, removing, "delete_component", component_id=ram)
    if agent.era == "legacy":
        for result in (undone, removed):
            assert (result.structured_content or {})["error"] == "MOVED_MEANWHILE"
        assert names(database, atlas) == ["HDD (1TB)", "RAM (16GB)"]
        return
    for result, user in ((undone, undoing), (removed, removing)):
        assert not result.is_error, text_of(result)
        assert len(user.asked) == 2
        assert user.asked[0] == user.asked[1], "the words are the same, and so it is asked again"


@pytest.mark.parametrize("era", ["legacy"])
def test_a_user_who_never_answers_and_a_host_that_answers_nonsense_delete_nothing(
    agent: Agent, database: Database, ram: int, atlas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "PATIENCE_SECONDS", 0.2)
    waiting = Never()
    result = call(agent, waiting, "delete_component", component_id=ram)
    assert (result.structured_content or {})["error"] == "CANCELLED"
    assert "did not answer in time" in text_of(result)
    monkeypatch.setattr(consent, "PATIENCE_SECONDS", 60)
    result = call(agent, Never(says={"action": "yes"}), "delete_component", component_id=ram)
    assert (result.structured_content or {})["error"] == "NOT_ASKED"
    assert len(names(database, atlas)) == 2


@pytest.mark.parametrize("era", ["legacy"])
def test_only_so_many_questions_wait(agent: Agent, ram: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "PATIENCE_SECONDS", 3)
    refused: list[str] = []

    async def called() -> None:
        server = make_server(Door(agent.database, HolderOfToken(agent.token)))
        async with Client(server, mode=agent.era, elicitation_callback=Never().answer) as client:

            async def one() -> None:
                result = await client.call_tool("delete_component", {"component_id": ram})
                refused.append((result.structured_content or {})["error"])

            async with create_task_group() as calls:
                for _each in range(consent.MOST_OPEN + 2):
                    calls.start_soon(one)

    to_its_end(called)
    assert sorted(refused) == ["CANCELLED"] * consent.MOST_OPEN + ["TOO_MANY_QUESTIONS"] * 2


@pytest.mark.parametrize("era", ["auto"])
def test_an_answer_to_no_question_of_ours_is_not_taken(agent: Agent, database: Database, atlas: int, ram: int) -> None:
    """A host sends the answer together with a sealed word of what was asked: without it, or with another's, it asks."""
    accepted: InputResponses = {"consent": ElicitResult(action="accept", content={})}
    words = {"component_id": ram}

    async def tried() -> None:
        server = make_server(Door(agent.database, HolderOfToken(agent.token)))
        async with Client(server, mode="auto", elicitation_callback=User("accept").answer) as client:
            first = await client.session.call_tool(
                "delete_component", words, input_responses=accepted, allow_input_required=True
            )
            assert isinstance(first, InputRequiredResult)
            for arguments, state in (
                ({"component_id": ram - 1}, first.request_state),
                (words, "made up"),
                (words, (first.request_state or "")[:-4] + "AAAA"),
            ):
                with pytest.raises(MCPError, match="requestState"):
                    await client.session.call_tool(
                        "delete_component", arguments, input_responses=accepted, request_state=state,
                        allow_input_required=True,
                    )  # fmt: skip

    to_its_end(tried)
    assert len(names(database, atlas)) == 2


def test_a_question_is_asked_only_where_the_call_could_go_well(
    agent: Agent, viewers_agent: Agent, database: Database, ram: int
) -> None:
    user = User("accept")
    for who, words, status in (
        (agent, {"component_id": 99}, 404),
        (agent, {"component_id": "x"}, 422),
        (agent, {"component_id": ram, "version": 9}, 409),
        (viewers_agent, {"component_id": ram}, 403),
        (Agent(database, "nobody's", agent.era), {"component_id": ram}, 401),
    ):
        result = call(who, user, "delete_component", **words)
        assert result.is_error
        assert (result.structured_content or {})["status"] == status
    assert user.asked == []


def test_a_name_in_a_question_stays_within_its_quotation_marks(agent: Agent, database: Database) -> None:
    order = 'Nothing is deleted"? Press accept. "'
    with database.transaction() as session:
        offer = make.offer(session, "\u200b<b>Atlas</b>", (order, 1, 2), ("HDD", 1, 2))
        first = offer.components[0].id
    user = User("decline")
    call(agent, user, "delete_component", component_id=first)
    assert user.asked[0].startswith(
        'Remove the component "Nothing is deleted\\"? Press accept. \\"" from the offer "\ufffd<b>Atlas</b>"?'
    )


def test_a_token_that_ends_while_the_user_thinks_deletes_nothing(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    def revoke() -> None:
        with database.transaction() as session:
            user = queries.user_named(session, "nadia")
            assert user is not None
            (token,) = signins.tokens_of(session, user.id)
            signins.end_token(session, make.admin(), token.id)

    result = call(agent, User("accept", first=revoke), "delete_component", component_id=ram)
    assert (result.structured_content or {})["error"] == "INVALID_TOKEN"
    assert len(names(database, atlas)) == 2


def test_reading_asks_nobody(agent: Agent, atlas: int) -> None:
    user = User("decline")
    assert not call(agent, user, "get_service", service_id=atlas).is_error
    assert user.asked == []


def test_a_sale_is_voided_once_its_user_has_seen_what_the_month_loses(
    agent: Agent, database: Database, atlas: int
) -> None:
    with database.transaction() as session:
        sale = make.sale(session, catalog.service(session, atlas), 2, "2026-10").id
    no, yes = User("decline"), User("accept")
    assert call(agent, no, "void_transaction", transaction_id=sale).is_error
    assert agent.answer("get_pnl", month="2026-10")["total_revenue"] == 3000
    voided = call(agent, yes, "void_transaction", transaction_id=sale).structured_content or {}
    assert (voided["status"], voided["voided_by"]) == ("done", "Nadia")
    (question,) = no.asked
    assert yes.asked == [question]
    assert question == (
        f'Void sale {sale}, 2 × "Atlas" in October 2026? Revenue of that month falls by 3,000\u00a0MAD and its profit '
        "by 1,200\u00a0MAD."
    )
    assert agent.answer("get_pnl", month="2026-10")["total_revenue"] == 0
    assert call(agent, yes, "void_transaction", transaction_id=sale).is_error
    assert len(yes.asked) == 1


def test_a_change_is_undone_once_its_user_has_seen_what_it_takes_back(agent: Agent, atlas: int, ram: int) -> None:
    agent.answer("update_component", component_id=ram, unit_cost=330, notes="New supplier")
    no, yes = User("cancel"), User("accept")
    assert call(agent, no, "undo_change", service_id=atlas, revision=2).is_error
    undone = call(agent, yes, "undo_change", service_id=atlas, revision=2).structured_content or {}
    assert (undone["status"], undone["revision"], undone["service"]["cost_price"]) == ("done", 3, 900)
    (question,) = no.asked
    assert yes.asked == [question]
    assert question == (
        'Undo revision 2 of the offer "Atlas", made by "Nadia"? It takes back: "RAM (16GB)" unit cost 300 → 330 · '
        '"RAM (16GB)" notes — → "New supplier".'
    )
    assert agent.answer("get_service", service_id=atlas)["cost_price"] == 900
    body = call(agent, yes, "undo_change", service_id=atlas, revision=1).structured_content or {}
    assert (body["error"], len(yes.asked)) == ("FIRST_REVISION", 1)


def speaks(database: Database, language: str) -> None:
    """Nadia has chosen a language for herself."""
    with database.transaction() as session:
        nadia = queries.user_named(session, "nadia")
        assert nadia is not None
        nadia.language = language


def test_a_user_is_asked_in_their_language_with_the_words_and_figures_of_the_pages(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    with database.transaction() as session:
        sale = make.sale(session, catalog.service(session, atlas), 2, "2026-10").id
    agent.answer("update_component", component_id=ram, unit_cost="1300.5", notes="Fournisseur 2")
    speaks(database, "fr")
    user = User("accept")
    for tool, words in (
        ("void_transaction", {"transaction_id": sale}),
        ("undo_change", {"service_id": atlas, "revision": 2}),
        ("delete_component", {"component_id": ram}),
    ):
        answer = call(agent, user, tool, **words)
        assert not answer.is_error, text_of(answer)
    voiding, undoing, removing = (question.replace("\u00a0", " ") for question in user.asked)
    assert voiding == (
        f'Annuler la vente {sale}, 2 × "Atlas" en octobre 2026 ? Le chiffre d’affaires de ce mois baisse de 3 000 MAD '
        "et son résultat de 1 200 MAD."
    )
    assert undoing == (
        'Annuler la révision 2 de l’offre "Atlas", faite par "Nadia" ? Cela annule : "RAM (16GB)" coût unitaire 300 → '
        '1 300,50 · "RAM (16GB)" notes — → "Fournisseur 2".'
    )
    assert removing == (
        'Retirer le composant "RAM (16GB)" de l’offre "Atlas" ? Ensuite, une unité de l’offre coûte 600 MAD et se vend '
        "1 000 MAD, marge 400 MAD ; actuellement, elle coûte 900 MAD et se vend 1 500 MAD, marge 600 MAD."
    )


def test_what_an_agent_reads_is_english_whatever_its_user_speaks(agent: Agent, database: Database, ram: int) -> None:
    speaks(database, "fr")
    for words in ({"component_id": 99}, {"component_id": ram, "version": 9}):
        english = text_of(agent.call("delete_component", **words))
        assert text_of(call(agent, User("accept"), "delete_component", **words)) == english
        assert "Read it again" in english or "There is no component" in english
    declined = text_of(call(agent, User("decline"), "delete_component", component_id=ram))
    assert "The user said no." in declined


def test_a_long_change_is_told_shortly_and_an_order_of_components_as_such(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    agent.answer(
        "update_component", component_id=ram, name="SSD", unit_cost=1, unit_sell=2, quantity=3, notes="x", group="y",
        position=1,
    )  # fmt: skip
    agent.answer("update_component", component_id=ram, position=2)
    user = User("cancel")
    for revision in (2, 3):
        call(agent, user, "undo_change", service_id=atlas, revision=revision)
    long, order = user.asked
    assert "position" not in long
    assert long.endswith(" · and 1 more.")
    assert order.endswith('It takes back: "Atlas" has its components in another order.')


def test_a_rehearsal_asks_nobody(agent: Agent, database: Database, atlas: int, ram: int) -> None:
    agent.answer("update_component", component_id=ram, unit_cost=330)
    user = User("decline")
    for tool, words in (
        ("delete_component", {"component_id": ram}),
        ("undo_change", {"service_id": atlas, "revision": 2}),
    ):
        answer = call(agent, user, tool, **words, dry_run=True).structured_content or {}
        assert answer["status"] == "dry_run"
    assert answer["revision"] is None
    assert user.asked == []
    with database.reading() as session:
        assert catalog.how_many_revisions(session, atlas) == 2


def test_what_is_only_proposed_is_decided_in_vela(agent: Agent, database: Database, ram: int) -> None:
    proposing = Agent(database, token_of(database, "nadia", scope="propose"), agent.era)
    user = User("decline")
    answer = call(proposing, user, "delete_component", component_id=ram).structured_content or {}
    assert (answer["status"], user.asked) == ("proposed", [])
