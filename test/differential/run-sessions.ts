/** Runs the same sessions on two servers. */

import { setTimeout } from 'node:timers/promises';
import { acceptedReason } from './accepted.ts';
import { type Difference, differencesOf, vainWaits } from './differences.ts';
import { isAwaited, type Reply, type Session, type Step, type Target } from './exchange.ts';
import { type Answer, normalise } from './normalise.ts';

export interface Finding extends Difference {
  readonly session: string;
  readonly step: Step;
  /** The reason why the difference is accepted. */
  readonly accepted: string | undefined;
}

export interface Comparison {
  readonly requests: number;
  readonly equal: number;
  /** Equal, or different for an accepted reason. */
  readonly accepted: number;
  readonly findings: readonly Finding[];
  /** Accepted responses, by session. */
  readonly recorded: readonly RecordedSession[];
}

/**
 * A session with the responses on which both servers agree; steps without one are sent, and their response is not
 * compared.
 */
export interface RecordedSession {
  readonly name: string;
  readonly steps: readonly { readonly step: Step; readonly answer?: Answer }[];
}

/** Runs a session; `namespace` must not exist. */
export async function answersOf(target: Target, session: Session, namespace: string): Promise<Answer[]> {
  const metadata = { name: namespace };
  const made = await target.ask({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  });
  if (made.status !== 201) throw new Error(`namespace ${namespace}: ${made.status} ${made.text}`);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  // No controller creates it here, and pods require it.
  await target.ask({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    body: account,
  });
  const answers: Answer[] = [];
  const kept = new Map<string, unknown>();
  for (const step of session.steps) {
    const reply = await asked(
      target,
      placed(step, (text) => filled(text.replaceAll('$N', namespace), kept)),
    );
    if (step.keeps !== undefined) kept.set(step.keeps, parsedOf(reply.text));
    answers.push(normalise(withoutChance(reply, step), namespace));
    if (step.settles !== undefined) await settled(target, step.settles.replaceAll('$N', namespace));
  }
  return answers;
}

/** For servers that can't report it: waits until four responses in a row are equal, for at most ten seconds. */
async function settled(target: Target, path: string): Promise<void> {
  if (target.idle !== undefined) return target.idle();
  const patience = Date.now() + 10_000;
  let last = '';
  for (let same = 0; same < 3 && Date.now() < patience; ) {
    await setTimeout(150);
    const { text } = await target.ask({ method: 'GET', path });
    same = text === last ? same + 1 : 0;
    last = text;
  }
}

async function asked(target: Target, step: Step): Promise<Reply> {
  const patience = Date.now() + 10_000;
  for (;;) {
    const reply = await target.ask(step);
    if (isAwaited(step, reply.status) || Date.now() > patience) return reply;
    await setTimeout(100);
  }
}

/** Removes the random suffix of generated names; their prefix is limited to 58 characters. */
function withoutChance(reply: Reply, { body }: Step): Reply {
  const { metadata } = (body ?? {}) as { metadata?: { generateName?: string } };
  const start = metadata?.generateName?.slice(0, 58);
  if (!start) return reply;
  const escaped = start.replaceAll(/[^\w]/g, '\\$&');
  const generated = new RegExp(`(${escaped})[bcdfghjklmnpqrstvwxz2456789]{5}(?![\\w.-])`, 'g');
  return { ...reply, text: reply.text.replaceAll(generated, '$1<random>') };
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Replaces `$(name.path)` by values of earlier responses, or by '' if they have none. */
function filled(text: string, kept: ReadonlyMap<string, unknown>): string {
  return text.replaceAll(/\$\((\w+)\.([\w.]+)\)/g, (_, name: string, place: string) => {
    const value = place
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], kept.get(name));
    return String(value ?? '');
  });
}

function placed(step: Step, inside: (text: string) => string): Step {
  if (step.body === undefined) return { ...step, path: inside(step.path) };
  const body =
    typeof step.body === 'string' ? inside(step.body) : JSON.parse(inside(JSON.stringify(step.body)));
  return { ...step, path: inside(step.path), body };
}

/** A session finished on both servers. */
export interface Progress {
  readonly session: string;
  readonly requests: number;
  /** Equal, or different for an accepted cause. */
  readonly accepted: number;
  /** Causes that aren't accepted. */
  readonly open: readonly string[];
  /** Duration on each server. */
  readonly expectedMs: number;
  readonly actualMs: number;
}

const AT_ONCE = 4;

/** Runs sessions in order. Up to four consecutive sessions marked `besideOthers` run concurrently. */
function ahead<T>(
  sessions: readonly Session[],
  run: (session: Session, index: number) => Promise<T>,
): (index: number) => Promise<T> {
  const begun = new Map<number, Promise<T>>();
  return (index) => {
    for (let at = index; at < Math.min(index + AT_ONCE, sessions.length); at++) {
      if (at > index && !(sessions[index]!.besideOthers && sessions[at]!.besideOthers)) break;
      if (!begun.has(at)) begun.set(at, run(sessions[at]!, at));
    }
    return begun.get(index)!;
  };
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const began = performance.now();
  return [await work, performance.now() - began];
}

/** `run` makes the namespaces of this run unique. */
export async function compareServers(
  expected: Target,
  actual: Target,
  sessions: readonly Session[],
  run: string,
  tell: (progress: Progress) => void = () => {},
): Promise<Comparison> {
  const findings: Finding[] = [];
  const recorded: RecordedSession[] = [];
  let requests = 0;
  let equal = 0;
  let accepted = 0;
  const bothAnswers = ahead(sessions, (session, index) => {
    const namespace = `d-${run}-${index}`;
    return Promise.all([
      timed(answersOf(expected, session, namespace)),
      timed(answersOf(actual, session, namespace)),
    ]);
  });
  for (const [index, session] of sessions.entries()) {
    const [before, known] = [accepted, findings.length];
    const [[right, expectedMs], [ours, actualMs]] = await bothAnswers(index);
    const steps: { step: Step; answer?: Answer }[] = [];
    recorded.push({ name: session.name, steps });
    for (const [at, step] of session.steps.entries()) {
      requests++;
      const differences = [...differencesOf(right[at]!, ours[at]!), ...vainWaits(step, ours[at]!)];
      if (differences.length === 0) equal++;
      const found = differences.map((difference) => ({
        ...difference,
        session: session.name,
        step,
        accepted: acceptedReason(difference.cause, step),
      }));
      const isRight = found.every(({ accepted }) => accepted !== undefined);
      if (isRight) accepted++;
      steps.push(isRight ? { step, answer: right[at]! } : { step });
      findings.push(...found);
    }
    tell({
      session: session.name,
      requests: session.steps.length,
      accepted: accepted - before,
      open: findings
        .slice(known)
        .filter((finding) => finding.accepted === undefined)
        .map(({ cause }) => cause),
      expectedMs,
      actualMs,
    });
  }
  return { requests, equal, accepted, findings, recorded };
}

export interface Cluster {
  readonly cause: string;
  readonly accepted: string | undefined;
  count: number;
  readonly example: Finding;
}

/** Groups findings by cause, most frequent first. */
export function clustered(findings: readonly Finding[]): Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const finding of findings) {
    const { cause, accepted } = finding;
    const key = `${cause}\n${accepted ?? ''}`;
    const known = clusters.get(key);
    if (known === undefined) clusters.set(key, { cause, accepted, count: 1, example: finding });
    else known.count++;
  }
  return [...clusters.values()].sort((left, right) => right.count - left.count);
}
