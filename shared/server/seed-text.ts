/** The encoding of a bootstrap object with gaps for everything that differs between equal control planes. */

import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../meta/kube-object.ts';
import { formatTime } from '../meta/time.ts';
import type { Seed, StoredObject } from '../storage/storage.ts';
import { textOfBytes } from '../util/text-of-bytes.ts';

/** Values of one control plane's objects: its moment of creation, and a new uid for each object. */
interface Filling {
  readonly time: string;
  readonly date: string;
}

type Gap = 'uid' | keyof Filling;

/** Kinds of values by field name. `since` is in the ConfigMap of the legacy token tracking. */
const GAPS: Readonly<Record<string, Gap>> = {
  uid: 'uid',
  creationTimestamp: 'time',
  time: 'time',
  lastTransitionTime: 'time',
  since: 'date',
};
const FIELD = new RegExp(`"(${Object.keys(GAPS).join('|')})":"([^"]*)"`, 'g');
const FORMATS: Readonly<Record<keyof Filling, RegExp>> = {
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  date: /^\d{4}-\d\d-\d\d$/,
};

export interface SeedText {
  readonly key: string;
  /** The text before each gap, and after the last one. */
  readonly pieces: readonly string[];
  /** One fewer than there are pieces. */
  readonly gaps: readonly Gap[];
}

/** Undefined for an object that contains another one's uid, or a value of unknown format. */
export function seedText(item: StoredObject<KubeObject>): SeedText | undefined {
  const text = textOfBytes(item.bytes);
  const { uid } = item.object().metadata;
  const pieces: string[] = [];
  const gaps: Gap[] = [];
  let end = 0;
  for (const match of text.matchAll(FIELD)) {
    const [field, name, value] = match as unknown as [string, string, string];
    const gap = GAPS[name]!;
    if (gap === 'uid' ? value !== uid : !FORMATS[gap].test(value)) return undefined;
    const start = match.index + field.length - value.length - 1;
    pieces.push(text.slice(end, start));
    gaps.push(gap);
    end = start + value.length;
  }
  return { key: item.key, pieces: [...pieces, text.slice(end)], gaps };
}

/** The objects' encodings for a control plane that is created at `now`, in milliseconds since the epoch. */
export function seedsOf(texts: readonly SeedText[], now: number): Seed[] {
  const time = formatTime(now);
  const filling: Filling = { time, date: time.slice(0, time.indexOf('T')) };
  return texts.map(({ key, pieces, gaps }) => {
    const uid = randomUUID();
    let text = pieces[0]!;
    gaps.forEach((gap, at) => {
      text += (gap === 'uid' ? uid : filling[gap]) + pieces[at + 1]!;
    });
    return { key, bytes: Buffer.from(text) };
  });
}
