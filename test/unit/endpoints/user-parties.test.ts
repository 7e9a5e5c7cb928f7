import { expect, test } from 'vitest';
import { withAuthentication } from '../../../shared/endpoints/filters/authentication.ts';
import type { ServingContext } from '../../../shared/endpoints/routing/serving-context.ts';
import { ALL_UNAUTHENTICATED } from '../../../shared/request/user-info.ts';
import type { Holder } from '../../../shared/util/turns.ts';

test("requests of one user have one party, and those of another another; strangers' have none", async () => {
  const filter = withAuthentication({
    authenticator: {
      authenticateRequest: async ({ headers }: ServingContext['request']) => {
        const name = headers.get('user')![0]!;
        const groups = name === 'system:anonymous' ? [ALL_UNAUTHENTICATED] : [];
        return { user: { name, uid: '', groups, extra: {} } };
      },
    },
    apiAudiences: [],
    accessMetrics: { authenticated: () => undefined },
  } as unknown as Parameters<typeof withAuthentication>[0]);
  const partyOf = async (name: string): Promise<Holder | undefined> => {
    let party: Holder | undefined;
    const request = {
      headers: new Map([['user', [name]]]),
      identified: (found: Holder) => {
        party = found;
      },
    };
    await filter({ request } as unknown as ServingContext, async () => undefined as never);
    return party;
  };
  const alice = await partyOf('alice');
  expect(alice).toBeDefined();
  expect(await partyOf('alice')).toBe(alice);
  expect(await partyOf('bob')).not.toBe(alice);
  expect(await partyOf('system:anonymous')).toBeUndefined();
});
