/** Supported and unsupported field selectors of each kind, and their results. */

import { readFileSync } from 'node:fs';
import type { Session, Step } from '../exchange.ts';
import { CONTROLLED, endOf, type ServedResource } from './served-resources.ts';
import { get, post, remove } from './steps.ts';

interface SelectorTable {
  readonly [resource: string]: {
    readonly fields?: readonly string[];
    readonly alias?: Readonly<Record<string, string>>;
  };
}

/** Fields that are selectable for some kinds only. */
const FIELDS = [
  'metadata.uid',
  'metadata.labels.a',
  'spec.nodeName',
  'status.phase',
  'type',
  'spec.unschedulable',
  'involvedObject.name',
  'status.replicas',
  'spec.type',
  'reason',
  'name',
  '',
];
const VALUES = ['sample', '', 'a b'];

export function fieldSelectors(resources: readonly ServedResource[]): Session[] {
  const table = JSON.parse(readFileSync('shared/apis/field-selectors.json', 'utf8')) as SelectorTable;
  return resources.map((served) => {
    const { path, sample, resource } = served;
    const known = table[`${sample.apiVersion}/${resource}`] ?? {};
    const fields = [
      'metadata.name',
      'metadata.namespace',
      ...(known.fields ?? []),
      ...Object.keys(known.alias ?? {}),
      ...FIELDS,
    ];
    const one = `${path}/${sample.metadata.name}`;
    const select = (selector: string) => `fieldSelector=${encodeURIComponent(selector)}`;
    return {
      name: `field selectors of ${path}`,
      steps: [
        { ...post(path, sample), ...(CONTROLLED.has(resource) && { settles: one }) },
        ...fields.flatMap((field): Step[] => [
          ...VALUES.flatMap((value) => [
            get(`${path}?${select(`metadata.name=${sample.metadata.name},${field}=${value}`)}`),
            get(`${path}?${select(`metadata.name==${sample.metadata.name},${field}!=${value}`)}`),
          ]),
          get(
            `${path}?${select(`${field}=sample`)}&watch=1&timeoutSeconds=1&limit=1&resourceVersion=0&sendInitialEvents=true`,
          ),
          remove(`${path}?${select(`metadata.name=none,${field}=a`)}&dryRun=All`),
        ]),
        get(`${one}?${select('metadata.name=other')}`),
        get(`${path}?${select('metadata.name')}`),
        get(`${path}?${select('metadata.name=a,metadata.name=b')}`),
        ...endOf(served),
      ],
    };
  });
}
