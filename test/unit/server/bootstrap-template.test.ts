/**
 * The creator of the template among control planes that start concurrently. Copying is covered by
 * test/integration/fleet/units.test.ts.
 */

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BootstrapTemplates } from '../../../shared/server/bootstrap-template.ts';

function deferred() {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

test('one of several equal ones creates it, the next if that fails, and the others use it immediately', async () => {
  const templates = new BootstrapTemplates();
  const said: string[] = [];
  const ends = new Map<string, ReturnType<typeof deferred>>();
  const create = (name: string, flags = 'a') => {
    const end = deferred();
    ends.set(name, end);
    const born = templates.bootstrapFor(flags).make(
      async () => {
        said.push(`${name} begins`);
        await end.promise;
      },
      async () => said.push(`${name} settles`),
    );
    return born.then(
      () => said.push(`${name} is born`),
      (error: Error) => said.push(`${name}: ${error.message}`),
    );
  };
  const bootstraps = ['one', 'two', 'three', 'four'].map((name) => create(name));
  bootstraps.push(create('other', 'b'));
  await setImmediate();
  expect(said.splice(0)).toEqual(['one begins', 'other begins']);
  ends.get('one')!.reject(new Error('its table takes no writes'));
  await setImmediate();
  expect(said.splice(0)).toEqual(['one: its table takes no writes', 'two begins']);
  ends.get('two')!.resolve();
  await setImmediate();
  expect(said.splice(0)).toEqual(['two settles', 'two is born', 'three begins', 'four begins']);
  for (const name of ['three', 'four', 'other']) ends.get(name)!.resolve();
  await Promise.all(bootstraps);
  expect(said).toEqual(['other settles', 'three is born', 'four is born', 'other is born']);
});
