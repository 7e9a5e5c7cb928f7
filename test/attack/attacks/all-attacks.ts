import type { Attack } from '../attack.ts';
import { bodyAttacks } from './body-attacks.ts';
import { connectionAttacks } from './connection-attacks.ts';
import { listAttacks } from './list-attacks.ts';
import { patchAttacks } from './patch-attacks.ts';

export function allAttacks(): Attack[] {
  return [...bodyAttacks(), ...listAttacks(), ...patchAttacks(), ...connectionAttacks()];
}
