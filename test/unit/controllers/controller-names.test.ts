import { expect, test } from 'vitest';
import {
  controllerErrors,
  externalControllers,
  isControllerEnabled,
} from '../../../shared/controllers/controller-names.ts';

const HERE =
  'certificatesigningrequest-approving-controller, certificatesigningrequest-cleaner-controller, certificatesigningrequest-signing-controller, clusterrole-aggregation-controller, garbage-collector-controller, namespace-controller, persistentvolume-protection-controller, persistentvolumeclaim-protection-controller, pod-garbage-collector-controller, resourcequota-controller, root-ca-certificate-publisher-controller, service-cidr-controller, serviceaccount-controller, serviceaccount-token-controller, storage-version-migrator-controller, validatingadmissionpolicy-status-controller';
const unknown = (name: string) =>
  `"${name}" is not in the list of known controllers; those that run here are ${HERE}`;

test.each<[readonly string[], string[]]>([
  [['*'], []],
  [[], []],
  [['-*'], []],
  [['*', '-garbagecollector', 'bootstrapsigner', 'tokencleaner', 'deployment-controller'], []],
  [['*', 'namespaces'], [unknown('namespaces')]],
  [
    ['-no', '--no', 'constructor', ''],
    [unknown('no'), unknown('-no'), unknown('constructor'), unknown('')],
  ],
])('%j', (patterns, errors) => {
  expect(controllerErrors(patterns)).toEqual(errors);
});

test.each<[string, readonly string[], boolean]>([
  ['namespace-controller', ['*'], true],
  ['namespace-controller', [], false],
  ['namespace-controller', ['-*'], false],
  ['namespace-controller', ['namespace'], true],
  ['namespace-controller', ['garbage-collector-controller'], false],
  ['namespace-controller', ['*', '-namespace'], false],
  ['namespace-controller', ['-namespace-controller', '*'], false],
  // As in upstream's IsControllerEnabled, the first match counts.
  ['namespace-controller', ['namespace', '-namespace-controller'], true],
  ['namespace-controller', ['-namespace-controller', 'namespace'], false],
])('%s of %j: %s', (name, patterns, expected) => {
  expect(isControllerEnabled(name, patterns)).toBe(expected);
});

test('controllers that must run elsewhere', () => {
  expect(externalControllers(['*', '-deployment', 'tokencleaner', 'namespace'])).toEqual(['tokencleaner']);
});
