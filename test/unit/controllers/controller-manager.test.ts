import { expect, test } from 'vitest';
import type { Controller } from '../../../shared/controllers/controller.ts';
import { ControllerManager } from '../../../shared/controllers/controller-manager.ts';

/** The number of turns per key, and a manager of a single controller. */
function managerOf(work: (key: string, turn: number) => number | undefined) {
  const turns: Record<string, number> = {};
  const controller: Controller = {
    name: 'worker',
    keysFor: () => [],
    allKeys: async () => ['key'],
    reconcile: async (key) => {
      turns[key] = (turns[key] ?? 0) + 1;
      return work(key, turns[key]);
    },
  };
  return { turns, manager: new ControllerManager({ controllers: [controller] }) };
}

const failing = (times: number) => (_key: string, turn: number) => {
  if (turn <= times) throw new Error('not yet');
  return undefined;
};

test.each([
  ['nothing to do', () => undefined, 1, false],
  ['a transient failure', failing(2), 3, false],
  ['unfinished work', (_key: string, turn: number) => (turn < 3 ? 20 : undefined), 3, false],
  ['work scheduled for later', () => 60_000, 1, false],
  ['a permanent failure', failing(Number.POSITIVE_INFINITY), expect.any(Number), true],
])('a short-lived host stays for %s', async (_what, work, expected, isFailing) => {
  const { manager, turns } = managerOf(work);
  await manager.resync();
  await manager.settle(400);
  expect([turns['key'], manager.isFailing('worker', 'key')]).toEqual([expected, isFailing]);
  await manager.stop();
});

test('the deletion of an object triggers its waiters only', async () => {
  const asked: string[] = [];
  const reconciled: string[] = [];
  const controllerOf = (name: string, waiting?: readonly string[]): Controller => ({
    name,
    keysFor: () => [],
    ...(waiting && { keysAfterEnd: async () => waiting }),
    allKeys: async () => {
      asked.push(name);
      return ['all'];
    },
    reconcile: async (key) => {
      reconciled.push(`${name} ${key}`);
      return undefined;
    },
  });
  const controllers = [controllerOf('idle'), controllerOf('calm', []), controllerOf('waiting', ['a', 'b'])];
  const manager = new ControllerManager({ controllers });
  const object = () => ({ metadata: {} });
  const resource = { group: '', resource: 'pods' };
  await manager.observeEnd({ type: 'DELETED', resource, namespace: 'default', name: 'x', object });
  await manager.idle();
  expect([asked, reconciled]).toEqual([[], ['waiting a', 'waiting b']]);
  await manager.stop();
});

test('a long-lived host does not wait for delayed keys', async () => {
  const { manager, turns } = managerOf(failing(1));
  await manager.resync();
  await manager.idle();
  expect(turns).toEqual({ key: 1 });
  expect([manager.isFailing('worker', 'key'), manager.isFailing('other', 'key')]).toEqual([true, false]);
  await manager.stop();
});
