import { expect, test } from 'vitest';
import { ConnectionParties } from '../../../infra/local/http/connection-parties.ts';
import { Holder, Turn } from '../../../shared/util/turns.ts';

function newParties() {
  const parties = new ConnectionParties();
  return {
    parties,
    /** A request on a connection, which holds the event loop before and after it is authenticated. */
    ask: (connection: object, user: Holder | undefined, { before = 1, after = 1 } = {}) => {
      const turn = new Turn(parties.of(connection));
      turn.hold(before, 0);
      if (user !== undefined) parties.identified(connection, turn, user);
      turn.hold(after, 0);
    },
  };
}

test('whatever the number of connections, their time before authentication counts as that of one party', () => {
  const { parties, ask } = newParties();
  const user = new Holder();
  for (let i = 0; i < 100; i++) ask({}, i % 2 === 0 ? user : undefined, { before: 1, after: 10 });
  const strangers = parties.of({});
  expect([strangers.held(0), user.held(0)]).toEqual([100 + 50 * 10, 50 * 10]);
});

test("requests on a connection that a user is known for count as the user's from their beginning", () => {
  const { parties, ask } = newParties();
  const [mine, other] = [{}, {}];
  const [user, another] = [new Holder(), new Holder()];
  ask(mine, user);
  ask(other, another);
  ask(mine, user, { before: 5, after: 0 });
  expect([parties.of(mine), parties.of(other)]).toEqual([user, another]);
  expect([user.held(0), another.held(0)]).toEqual([6, 1]);
});

test("a proxy's connection, of several users, is no user's", () => {
  const { parties, ask } = newParties();
  const proxy = {};
  const users = [new Holder(), new Holder(), new Holder()];
  for (const user of users) ask(proxy, user);
  ask(proxy, users[2], { before: 5, after: 2 });
  expect(parties.of(proxy)).toBe(parties.of({}));
  expect(users.map((user) => user.held(0))).toEqual([2, 1, 3]);
});
