import type { Session, Step } from '../exchange.ts';

/** Common mistakes in YAML, and unusual but valid YAML. */
const TEXTS: readonly string[] = [
  'kind: ConfigMap\napiVersion: v1\nmetadata: {name: [}\n',
  'a: [1, 2\nb: 3\n',
  'a: {b: 1\n',
  'a: b: c\n',
  'a:\n\t- b\n',
  'a: "x\n',
  "a: 'x\n",
  '- a\nb: c\n',
  'a: b\n c: d\n',
  'a: *x\n',
  'a: !!int x\n',
  'a: &x 1\nb: *y\n',
  '{a: 1, b}\n',
  'a: |\nb\n',
  '? a\n: b\n',
  '%YAML 1.2\n---\na: b\n',
  'a: @b\n',
  'a: `b\n',
  'a: %b\n',
  'a\n',
  'a: b\na: c\n',
  'kind: ConfigMap\n  apiVersion: v1\n',
  'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: x\n data:\n  a: b\n',
  '[a, b\n',
  '"a\\qb": 1\n',
  'a: "\\x0"\n',
  'a: ]\n',
  'a: }\n',
  'a: ,\n',
  '---\n---\n',
  'a: 1\n---\nb: 2\n',
  'key: [a, {b: c]\n',
  'key: - a\n',
  '\ta: b\n',
  'a:b\n',
  'a: >\n x\n  y: z\nq\n',
  'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: x\ndata:\n  a: {{ x }}\n',
  '{{ x }}\n',
  'a: !<x y\n',
  'x: "a" b\n',
  "x: 'a' b\n",
  'x: [a] b\n',
  'x: {a: b} c\n',
  '\u0001a: b\n',
  'a: \u0007\n',
];

export function yamlTexts(): Session[] {
  const maps = '/api/v1/namespaces/$N/configmaps';
  const steps = TEXTS.flatMap((body): Step[] => [
    { method: 'POST', path: `${maps}?dryRun=All`, headers: { 'content-type': 'application/yaml' }, body },
    {
      method: 'PATCH',
      path: `${maps}/x?dryRun=All&fieldManager=a`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body,
    },
  ]);
  return [{ name: 'texts in YAML', steps }];
}
