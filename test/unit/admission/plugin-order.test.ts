import { expect, test } from 'vitest';
import { ADMISSION_PLUGINS } from '../../../shared/admission/admission-plugins.ts';
import {
  type AdmissionOptions,
  enabledPlugins,
  validateAdmissionOptions,
} from '../../../shared/admission/options.ts';
import { alwaysAdmit } from '../../../shared/admission/plugins/always-admit.ts';

/** All plugins in order from `kube-apiserver --help` of 1.20 and 1.37; those in brackets are off by default. */
const RELEASES = {
  '1.20':
    '[AlwaysAdmit] [NamespaceAutoProvision] NamespaceLifecycle [NamespaceExists] [SecurityContextDeny] [LimitPodHardAntiAffinityTopology] LimitRanger ServiceAccount [NodeRestriction] TaintNodesByCondition [AlwaysPullImages] [ImagePolicyWebhook] [PodSecurityPolicy] [PodNodeSelector] Priority DefaultTolerationSeconds [PodTolerationRestriction] [DenyEscalatingExec] [DenyExecOnPrivileged] [EventRateLimit] [ExtendedResourceToleration] [PersistentVolumeLabel] DefaultStorageClass StorageObjectInUseProtection [OwnerReferencesPermissionEnforcement] PersistentVolumeClaimResize RuntimeClass CertificateApproval CertificateSigning CertificateSubjectRestriction DefaultIngressClass MutatingAdmissionWebhook ValidatingAdmissionWebhook ResourceQuota [AlwaysDeny]',
  '1.37':
    '[AlwaysAdmit] [NamespaceAutoProvision] NamespaceLifecycle [NamespaceExists] [LimitPodHardAntiAffinityTopology] LimitRanger ServiceAccount [NodeRestriction] TaintNodesByCondition [AlwaysPullImages] [ImagePolicyWebhook] PodSecurity [PodNodeSelector] Priority DefaultTolerationSeconds [PodTolerationRestriction] [EventRateLimit] [ExtendedResourceToleration] DefaultStorageClass StorageObjectInUseProtection PodGroupProtection [OwnerReferencesPermissionEnforcement] PersistentVolumeClaimResize RuntimeClass CertificateApproval CertificateSigning ClusterTrustBundleAttest CertificateSubjectRestriction DefaultIngressClass [DenyServiceExternalIPs] PodTopologyLabels NodeDeclaredFeatureValidator PodResizeValidator MutatingAdmissionPolicy MutatingAdmissionWebhook ValidatingAdmissionPolicy ValidatingAdmissionWebhook ResourceQuota [AlwaysDeny]',
};

const ORDER = ADMISSION_PLUGINS.map(({ name }) => name);
const namesOf = (options: AdmissionOptions) => enabledPlugins(options).map(({ name }) => name);
const enabled = (enablePlugins: string[] = [], disablePlugins: string[] = []) =>
  namesOf({ enablePlugins, disablePlugins });

test.each(Object.entries(RELEASES))('all plugins of %s are accepted, in order', (_, list) => {
  const names = list.replace(/[[\]]/g, '').split(' ');
  expect(validateAdmissionOptions({ enablePlugins: names, disablePlugins: [] })).toEqual([]);
  expect(validateAdmissionOptions({ enablePlugins: [], disablePlugins: names })).toEqual([]);
  expect(enabled(names.toReversed()).filter((name) => names.includes(name))).toEqual(names);
});

test('the default plugins are those of 1.37', () => {
  expect(enabled()).toEqual(RELEASES['1.37'].split(' ').filter((name) => !name.startsWith('[')));
});

test.each<[string, string[], string[], string[]]>([
  ['a plugin more', ['NodeRestriction', 'NodeRestriction'], [], ['NodeRestriction']],
  ['a plugin less', [], ['LimitRanger'], []],
  ['enabled and disabled: enabled', ['LimitRanger'], ['LimitRanger'], []],
])('%s', (_, on, off, added) => {
  const expected = new Set([...enabled(), ...added]);
  for (const name of off) if (!on.includes(name)) expected.delete(name);
  expect(enabled(on, off)).toEqual(ORDER.filter((name) => expected.has(name)));
});

test('errors in the flags are all reported at once', () => {
  const options = {
    enablePlugins: ['Nothing', 'PodSecurity', 'LimitRanger'],
    disablePlugins: ['PodSecurity', 'Never', 'LimitRanger'],
  };
  expect(validateAdmissionOptions(options)).toEqual([
    'enable-admission-plugins plugin "Nothing" is unknown',
    'disable-admission-plugins plugin "Never" is unknown',
    '[LimitRanger PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped',
  ]);
});

test('--admission-control enables only the listed plugins', () => {
  const only = { enablePlugins: [], disablePlugins: [], onlyPlugins: ['AlwaysDeny', 'LimitRanger'] };
  expect(namesOf(only)).toEqual(['LimitRanger', 'AlwaysDeny']);
  expect(validateAdmissionOptions({ ...only, enablePlugins: ['Priority'], onlyPlugins: ['X'] })).toEqual([
    'admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive',
    'admission-control plugin "X" is unknown',
  ]);
});

test("the host's plugins run before configurable ones, and have unique names", () => {
  const options = { enablePlugins: [], disablePlugins: ['B'] };
  const own = namesOf({ ...options, hostPlugins: { C: alwaysAdmit, B: alwaysAdmit, A: alwaysAdmit } });
  const at = own.indexOf('C');
  expect(own.slice(at - 1, at + 3)).toEqual(['PodResizeValidator', 'C', 'A', 'MutatingAdmissionPolicy']);
  expect(() => validateAdmissionOptions({ ...options, hostPlugins: { LimitRanger: alwaysAdmit } })).toThrow(
    new Error('Admission plugin "LimitRanger" was registered twice'),
  );
});
