/** The local Parameter Store holds private keys: access requires its complete address. */

import { expect, test } from 'vitest';
import { startParameterStore } from '../../infra/emulator/parameter-store.ts';

test('requests without the secret path are rejected', async () => {
  const store = await startParameterStore({ '/a': 'secret' });
  const ask = async (url: string) => {
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameter', origin: 'https://example.org' };
    const response = await fetch(url, { method: 'POST', headers, body: '{"Name":"/a"}' });
    return [response.status, response.headers.get('access-control-allow-origin'), await response.json()];
  };
  const { origin, pathname } = new URL(store.endpoint);
  const refusal = [400, null, { __type: 'AccessDeniedException', message: 'the address is not whole' }];
  expect(await ask(store.endpoint)).toEqual([200, null, { Parameter: { Name: '/a', Value: 'secret' } }]);
  expect(await ask(origin)).toEqual(refusal);
  expect(await ask(`${origin}${pathname}0`)).toEqual(refusal);
  store.close();
});
