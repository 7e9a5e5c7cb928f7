import type { Attack } from '../attack.ts';
import { bodyAttacks } from './body-attacks.ts';
import { connectionAttacks } from './connection-attacks.ts';
import { customResourceAttacks } from './custom-resource-attacks.ts';
import { definitionAttacks } from './definition-attacks.ts';
import { guardedAttacks } from './guarded-attacks.ts';
import { identityAttacks } from './identity-attacks.ts';
import { listAttacks } from './list-attacks.ts';
import { patchAttacks } from './patch-attacks.ts';
import { policyAttacks } from './policy-attacks.ts';
import { queryAttacks } from './query-attacks.ts';
import { readerAttacks } from './reader-attacks.ts';
import { remoteAttacks } from './remote-attacks.ts';
import { storedAttacks } from './stored-attacks.ts';
import { watchAttacks } from './watch-attacks.ts';
import { webhookAttacks } from './webhook-attacks.ts';
import { websocketAttacks } from './websocket-attacks.ts';

export function allAttacks(): Attack[] {
  return [
    ...bodyAttacks(),
    ...listAttacks(),
    ...patchAttacks(),
    ...definitionAttacks(),
    ...policyAttacks(),
    ...customResourceAttacks(),
    ...queryAttacks(),
    ...connectionAttacks(),
    ...readerAttacks(),
    ...storedAttacks(),
    ...watchAttacks(),
    ...identityAttacks(),
    ...remoteAttacks(),
    ...webhookAttacks(),
    ...websocketAttacks(),
    ...guardedAttacks(),
  ];
}
