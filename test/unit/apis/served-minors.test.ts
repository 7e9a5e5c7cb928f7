/**
 * The table of resources beside what each minor since 1.20 served by its own OpenAPI document:
 * `npm run import -- --kubernetes v1.20.15 --served-only` writes such facts.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { type ServedVerbs, verbsOfTable } from '../../../infra/import/served-paths.ts';

const FOLDER = join(root, 'test/facts/served');
const minors = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

/** Version and resource -> the minors that served it, first and last: neither of 1.20 nor of the newest release. */
const NOT_IN_THE_TABLE: Readonly<Record<string, readonly [number, number]>> = {
  'admissionregistration.k8s.io/v1alpha1 validatingadmissionpolicies': [26, 31],
  'admissionregistration.k8s.io/v1alpha1 validatingadmissionpolicybindings': [26, 31],
  'admissionregistration.k8s.io/v1beta1 validatingadmissionpolicies': [28, 33],
  'admissionregistration.k8s.io/v1beta1 validatingadmissionpolicybindings': [28, 33],
  'authentication.k8s.io/v1alpha1 selfsubjectreviews': [26, 31],
  'authentication.k8s.io/v1beta1 selfsubjectreviews': [27, 32],
  'certificates.k8s.io/v1alpha1 podcertificaterequests': [34, 34],
  'coordination.k8s.io/v1alpha1 leasecandidates': [31, 31],
  'flowcontrol.apiserver.k8s.io/v1beta2 flowschemas': [23, 28],
  'flowcontrol.apiserver.k8s.io/v1beta2 prioritylevelconfigurations': [23, 28],
  'flowcontrol.apiserver.k8s.io/v1beta3 flowschemas': [26, 31],
  'flowcontrol.apiserver.k8s.io/v1beta3 prioritylevelconfigurations': [26, 31],
  'networking.k8s.io/v1alpha1 clustercidrs': [25, 28],
  'networking.k8s.io/v1alpha1 ipaddresses': [27, 30],
  'networking.k8s.io/v1alpha1 servicecidrs': [29, 30],
  'resource.k8s.io/v1alpha1 podschedulings': [26, 26],
  'resource.k8s.io/v1alpha1 resourceclaims': [26, 26],
  'resource.k8s.io/v1alpha1 resourceclaimtemplates': [26, 26],
  'resource.k8s.io/v1alpha1 resourceclasses': [26, 26],
  'resource.k8s.io/v1alpha2 podschedulingcontexts': [27, 30],
  'resource.k8s.io/v1alpha2 resourceclaimparameters': [30, 30],
  'resource.k8s.io/v1alpha2 resourceclaims': [27, 30],
  'resource.k8s.io/v1alpha2 resourceclaimtemplates': [27, 30],
  'resource.k8s.io/v1alpha2 resourceclasses': [27, 30],
  'resource.k8s.io/v1alpha2 resourceclassparameters': [30, 30],
  'resource.k8s.io/v1alpha2 resourceslices': [30, 30],
  'resource.k8s.io/v1alpha3 deviceclasses': [31, 33],
  'resource.k8s.io/v1alpha3 podschedulingcontexts': [31, 31],
  'resource.k8s.io/v1alpha3 resourceclaims': [31, 33],
  'resource.k8s.io/v1alpha3 resourceclaimtemplates': [31, 33],
  'resource.k8s.io/v1alpha3 resourceslices': [31, 33],
  'scheduling.k8s.io/v1alpha1 workloads': [35, 35],
  'storage.k8s.io/v1alpha1 csistoragecapacities': [21, 23],
  'storage.k8s.io/v1alpha1 volumeattributesclasses': [29, 34],
  'storage.k8s.io/v1beta1 csistoragecapacities': [21, 26],
  'storagemigration.k8s.io/v1alpha1 storageversionmigrations': [30, 34],
};

/** Where upstream's own marks are a minor off what it served; the marks make warnings, so the table keeps them. */
const MARKED_OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  '1.23': ['storage.k8s.io/v1alpha1 volumeattachments'],
  '1.26': ['certificates.k8s.io/v1alpha1 clustertrustbundles'],
};

/** Verbs that came later than their resource: the minor that brought them. */
const LATER_VERBS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'v1 services': { deletecollection: 23 },
};

const flat = (served: ServedVerbs): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(served).flatMap(([version, resources]) =>
      Object.entries(resources).map(([name, verbs]) => [`${version} ${name}`, verbs]),
    ),
  );

describe('resources and verbs of', () => {
  test.each(minors)('%s', (minor) => {
    const number = Number(minor.split('.')[1]);
    const upstream = flat(JSON.parse(readFileSync(join(FOLDER, `${minor}.json`), 'utf8')) as ServedVerbs);
    const own = flat(verbsOfTable(minor));
    for (const [name, [first, last]] of Object.entries(NOT_IN_THE_TABLE)) {
      if (number < first || number > last) continue;
      expect(own).not.toHaveProperty([name]);
      expect(upstream).toHaveProperty([name]);
      delete upstream[name];
    }
    for (const name of MARKED_OTHERWISE[minor] ?? []) {
      expect(upstream).not.toHaveProperty([name]);
      delete own[name];
    }
    for (const [name, later] of Object.entries(LATER_VERBS)) {
      own[name] = own[name]!.filter((verb) => (later[verb] ?? 0) <= number);
    }
    expect(own).toEqual(upstream);
  });
});
