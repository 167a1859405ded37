// Which events may be under way together.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Entry, fault } from "../lib/entry.mjs";
import { Order } from "../lib/order.mjs";

const entry = (id, subject, type = "miriam.goal.set.v1", data = {}) =>
  new Entry(0, id, JSON.stringify({ id, subject, type, data }));
const taken = (order, limits) => order.take(limits).map((each) => each.id);
function ordered(...entries) {
  const order = new Order();
  entries.forEach((each) => order.add(each));
  return order;
}

test("no two of one subject are under way together, and they go in their order", () => {
  const [first, second, other] = [entry("1", "a"), entry("2", "a"), entry("3", "b")];
  const order = ordered(first, second, other);
  assert.deepEqual(taken(order), ["1", "3"]);
  assert.deepEqual(taken(order), []);
  order.done(first);
  assert.deepEqual(taken(order), ["2"]);
  order.done(other);
  order.done(second);
  assert.equal(order.left, 0);
});

test("no two under one id are under way together: their receipts could not be told apart", () => {
  const [first, second] = [entry("1", "a"), entry("1", "b")];
  const order = ordered(first, second);
  assert.deepEqual(order.take(), [first]);
  order.done(first);
  assert.deepEqual(order.take(), [second]);
});

test("a service that is away holds up no other", () => {
  const many = Array.from({ length: 600 }, (_, i) => entry(`s${i}`, `s${i}`));
  const order = ordered(...many, entry("enrolled", "p", "miriam.participation.enrolled.v1"));
  const first = taken(order);
  assert.equal(first.length, 401);
  assert.ok(first.includes("enrolled"));
});

test("what comes back goes first, before the next of its subject", () => {
  const [first, second] = [entry("1", "a"), entry("2", "a")];
  const order = ordered(first, second);
  order.take();
  order.back(first);
  assert.deepEqual(taken(order), ["1"]);
});

test("a request is as large as is asked, and has one event at least", () => {
  const order = ordered(entry("1", "a"), entry("2", "b"), entry("3", "c"));
  assert.deepEqual(taken(order, { bytes: 10 }), ["1"]);
  assert.deepEqual(taken(order, { most: 1 }), ["2"]);
});

test("a line that no receipt could answer is found before anything is sent", () => {
  assert.match(fault("{"), /not JSON/);
  assert.match(fault("[]"), /not an object/);
  assert.match(fault('{"id": "with blank"}'), /its id/);
  assert.equal(fault('{"id": "e-1"}'), undefined);
});
