import { expect, test } from 'vitest';
import { allAdmissionPlugins } from '../../../shared/admission/all-plugins.ts';
import { enabledPluginNames, validateAdmissionOptions } from '../../../shared/admission/options.ts';
import { RECOMMENDED_PLUGIN_ORDER } from '../../../shared/admission/plugin-order.ts';
import { AdmissionPlugins } from '../../../shared/admission/plugins.ts';

/** `kube-apiserver --help` of 1.20 and 1.37: all plugins in their order, those in brackets off by default. */
const RELEASES = {
  '1.20':
    '[AlwaysAdmit] [NamespaceAutoProvision] NamespaceLifecycle [NamespaceExists] [SecurityContextDeny] [LimitPodHardAntiAffinityTopology] LimitRanger ServiceAccount [NodeRestriction] TaintNodesByCondition [AlwaysPullImages] [ImagePolicyWebhook] [PodSecurityPolicy] [PodNodeSelector] Priority DefaultTolerationSeconds [PodTolerationRestriction] [DenyEscalatingExec] [DenyExecOnPrivileged] [EventRateLimit] [ExtendedResourceToleration] [PersistentVolumeLabel] DefaultStorageClass StorageObjectInUseProtection [OwnerReferencesPermissionEnforcement] PersistentVolumeClaimResize RuntimeClass CertificateApproval CertificateSigning CertificateSubjectRestriction DefaultIngressClass MutatingAdmissionWebhook ValidatingAdmissionWebhook ResourceQuota [AlwaysDeny]',
  '1.37':
    '[AlwaysAdmit] [NamespaceAutoProvision] NamespaceLifecycle [NamespaceExists] [LimitPodHardAntiAffinityTopology] LimitRanger ServiceAccount [NodeRestriction] TaintNodesByCondition [AlwaysPullImages] [ImagePolicyWebhook] PodSecurity [PodNodeSelector] Priority DefaultTolerationSeconds [PodTolerationRestriction] [EventRateLimit] [ExtendedResourceToleration] DefaultStorageClass StorageObjectInUseProtection PodGroupProtection [OwnerReferencesPermissionEnforcement] PersistentVolumeClaimResize RuntimeClass CertificateApproval CertificateSigning ClusterTrustBundleAttest CertificateSubjectRestriction DefaultIngressClass [DenyServiceExternalIPs] PodTopologyLabels NodeDeclaredFeatureValidator PodResizeValidator MutatingAdmissionPolicy MutatingAdmissionWebhook ValidatingAdmissionPolicy ValidatingAdmissionWebhook ResourceQuota [AlwaysDeny]',
};

const plugins = allAdmissionPlugins();
const enabled = (enablePlugins: string[] = [], disablePlugins: string[] = []) =>
  enabledPluginNames({ enablePlugins, disablePlugins });

test('every plugin of the order is there, and no other', () => {
  expect([...RECOMMENDED_PLUGIN_ORDER].sort()).toEqual(plugins.registered());
});

test.each(Object.entries(RELEASES))('all plugins of %s are taken, in their order', (_, list) => {
  const names = list.replace(/[[\]]/g, '').split(' ');
  expect(validateAdmissionOptions({ enablePlugins: names, disablePlugins: [] }, plugins)).toEqual([]);
  expect(validateAdmissionOptions({ enablePlugins: [], disablePlugins: names }, plugins)).toEqual([]);
  expect(enabled(names.toReversed()).filter((name) => names.includes(name))).toEqual(names);
});

test('without flags those run that 1.37 runs', () => {
  expect(enabled()).toEqual(RELEASES['1.37'].split(' ').filter((name) => !name.startsWith('[')));
});

test.each<[string, string[], string[], string[]]>([
  ['one more', ['NodeRestriction', 'NodeRestriction'], [], ['NodeRestriction']],
  ['one less', [], ['LimitRanger'], []],
  ['both at once: it is on', ['LimitRanger'], ['LimitRanger'], []],
])('%s', (_, on, off, added) => {
  const expected = new Set([...enabled(), ...added]);
  for (const name of off) if (!on.includes(name)) expected.delete(name);
  expect(enabled(on, off)).toEqual(RECOMMENDED_PLUGIN_ORDER.filter((name) => expected.has(name)));
});

test('what is wrong with the flags is told at once', () => {
  const options = {
    enablePlugins: ['Nothing', 'PodSecurity', 'LimitRanger'],
    disablePlugins: ['PodSecurity', 'Never', 'LimitRanger'],
  };
  expect(validateAdmissionOptions(options, plugins)).toEqual([
    'enable-admission-plugins plugin "Nothing" is unknown',
    'disable-admission-plugins plugin "Never" is unknown',
    '[LimitRanger PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped',
  ]);
});

test('--admission-control runs what it names and no more', () => {
  const only = { enablePlugins: [], disablePlugins: [], onlyPlugins: ['AlwaysDeny', 'LimitRanger'] };
  expect(enabledPluginNames(only)).toEqual(['LimitRanger', 'AlwaysDeny']);
  expect(
    validateAdmissionOptions({ ...only, enablePlugins: ['Priority'], onlyPlugins: ['X'] }, plugins),
  ).toEqual([
    'admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive',
    'admission-control plugin "X" is unknown',
  ]);
});

test('a name is registered once', () => {
  const twice = new AdmissionPlugins();
  twice.register('A', plugins.factory('AlwaysAdmit'));
  expect(() => twice.register('A', plugins.factory('AlwaysAdmit'))).toThrow(
    new Error('Admission plugin "A" was registered twice'),
  );
  expect(() => twice.factory('B')).toThrow(new Error('unknown admission plugin: B'));
});
