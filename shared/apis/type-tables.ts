/** Every type table, as text: parsed when one of its types is first asked for. */

import metaV1 from '../meta/v1/types.json?raw';
import metaV1beta1 from '../meta/v1beta1/types.json?raw';
import type { HiddenFields } from '../runtime/hidden-fields.ts';
import { TypeTables } from '../runtime/type-tables.ts';
import admissionV1 from './admission/v1/types.json?raw';
import admissionV1beta1 from './admission/v1beta1/types.json?raw';
import admissionregistrationV1 from './admissionregistration/v1/types.json?raw';
import admissionregistrationV1alpha1 from './admissionregistration/v1alpha1/types.json?raw';
import admissionregistrationV1beta1 from './admissionregistration/v1beta1/types.json?raw';
import apidiscoveryV2 from './apidiscovery/v2/types.json?raw';
import apidiscoveryV2beta1 from './apidiscovery/v2beta1/types.json?raw';
import apiextensionsV1 from './apiextensions/v1/types.json?raw';
import apiextensionsV1beta1 from './apiextensions/v1beta1/types.json?raw';
import apiregistrationV1 from './apiregistration/v1/types.json?raw';
import apiregistrationV1beta1 from './apiregistration/v1beta1/types.json?raw';
import apiserverinternalV1alpha1 from './apiserverinternal/v1alpha1/types.json?raw';
import appsV1 from './apps/v1/types.json?raw';
import authenticationV1 from './authentication/v1/types.json?raw';
import authenticationV1beta1 from './authentication/v1beta1/types.json?raw';
import authorizationV1 from './authorization/v1/types.json?raw';
import authorizationV1beta1 from './authorization/v1beta1/types.json?raw';
import autoscalingV1 from './autoscaling/v1/types.json?raw';
import autoscalingV2 from './autoscaling/v2/types.json?raw';
import autoscalingV2beta1 from './autoscaling/v2beta1/types.json?raw';
import autoscalingV2beta2 from './autoscaling/v2beta2/types.json?raw';
import batchV1 from './batch/v1/types.json?raw';
import batchV1beta1 from './batch/v1beta1/types.json?raw';
import batchV2alpha1 from './batch/v2alpha1/types.json?raw';
import certificatesV1 from './certificates/v1/types.json?raw';
import certificatesV1alpha1 from './certificates/v1alpha1/types.json?raw';
import certificatesV1beta1 from './certificates/v1beta1/types.json?raw';
import coordinationV1 from './coordination/v1/types.json?raw';
import coordinationV1alpha2 from './coordination/v1alpha2/types.json?raw';
import coordinationV1beta1 from './coordination/v1beta1/types.json?raw';
import coreV1 from './core/v1/types.json?raw';
import discoveryV1 from './discovery/v1/types.json?raw';
import discoveryV1beta1 from './discovery/v1beta1/types.json?raw';
import eventsV1 from './events/v1/types.json?raw';
import eventsV1beta1 from './events/v1beta1/types.json?raw';
import extensionsV1beta1 from './extensions/v1beta1/types.json?raw';
import flowcontrolV1 from './flowcontrol/v1/types.json?raw';
import flowcontrolV1alpha1 from './flowcontrol/v1alpha1/types.json?raw';
import flowcontrolV1beta1 from './flowcontrol/v1beta1/types.json?raw';
import imagepolicyV1alpha1 from './imagepolicy/v1alpha1/types.json?raw';
import lifecycleV1alpha1 from './lifecycle/v1alpha1/types.json?raw';
import networkingV1 from './networking/v1/types.json?raw';
import networkingV1beta1 from './networking/v1beta1/types.json?raw';
import nodeV1 from './node/v1/types.json?raw';
import nodeV1alpha1 from './node/v1alpha1/types.json?raw';
import nodeV1beta1 from './node/v1beta1/types.json?raw';
import policyV1 from './policy/v1/types.json?raw';
import policyV1beta1 from './policy/v1beta1/types.json?raw';
import rbacV1 from './rbac/v1/types.json?raw';
import rbacV1alpha1 from './rbac/v1alpha1/types.json?raw';
import rbacV1beta1 from './rbac/v1beta1/types.json?raw';
import resourceV1 from './resource/v1/types.json?raw';
import resourceV1alpha3 from './resource/v1alpha3/types.json?raw';
import resourceV1beta1 from './resource/v1beta1/types.json?raw';
import resourceV1beta2 from './resource/v1beta2/types.json?raw';
import schedulingV1 from './scheduling/v1/types.json?raw';
import schedulingV1alpha1 from './scheduling/v1alpha1/types.json?raw';
import schedulingV1alpha2 from './scheduling/v1alpha2/types.json?raw';
import schedulingV1alpha3 from './scheduling/v1alpha3/types.json?raw';
import schedulingV1beta1 from './scheduling/v1beta1/types.json?raw';
import storageV1 from './storage/v1/types.json?raw';
import storageV1alpha1 from './storage/v1alpha1/types.json?raw';
import storageV1beta1 from './storage/v1beta1/types.json?raw';
import storagemigrationV1 from './storagemigration/v1/types.json?raw';
import storagemigrationV1beta1 from './storagemigration/v1beta1/types.json?raw';

/** The tables of all built-in API types, apimachinery's included. */
export function builtinTypeTables(hidden?: HiddenFields): TypeTables {
  return new TypeTables(
    new Map([
      ['io.k8s.api.admission.v1', admissionV1],
      ['io.k8s.api.admission.v1beta1', admissionV1beta1],
      ['io.k8s.api.admissionregistration.v1', admissionregistrationV1],
      ['io.k8s.api.admissionregistration.v1alpha1', admissionregistrationV1alpha1],
      ['io.k8s.api.admissionregistration.v1beta1', admissionregistrationV1beta1],
      ['io.k8s.api.apidiscovery.v2', apidiscoveryV2],
      ['io.k8s.api.apidiscovery.v2beta1', apidiscoveryV2beta1],
      ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1', apiextensionsV1],
      ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1', apiextensionsV1beta1],
      ['io.k8s.kube-aggregator.pkg.apis.apiregistration.v1', apiregistrationV1],
      ['io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1', apiregistrationV1beta1],
      ['io.k8s.api.apiserverinternal.v1alpha1', apiserverinternalV1alpha1],
      ['io.k8s.api.apps.v1', appsV1],
      ['io.k8s.api.authentication.v1', authenticationV1],
      ['io.k8s.api.authentication.v1beta1', authenticationV1beta1],
      ['io.k8s.api.authorization.v1', authorizationV1],
      ['io.k8s.api.authorization.v1beta1', authorizationV1beta1],
      ['io.k8s.api.autoscaling.v1', autoscalingV1],
      ['io.k8s.api.autoscaling.v2', autoscalingV2],
      ['io.k8s.api.autoscaling.v2beta1', autoscalingV2beta1],
      ['io.k8s.api.autoscaling.v2beta2', autoscalingV2beta2],
      ['io.k8s.api.batch.v1', batchV1],
      ['io.k8s.api.batch.v1beta1', batchV1beta1],
      ['io.k8s.api.batch.v2alpha1', batchV2alpha1],
      ['io.k8s.api.certificates.v1', certificatesV1],
      ['io.k8s.api.certificates.v1alpha1', certificatesV1alpha1],
      ['io.k8s.api.certificates.v1beta1', certificatesV1beta1],
      ['io.k8s.api.coordination.v1', coordinationV1],
      ['io.k8s.api.coordination.v1alpha2', coordinationV1alpha2],
      ['io.k8s.api.coordination.v1beta1', coordinationV1beta1],
      ['io.k8s.api.core.v1', coreV1],
      ['io.k8s.api.discovery.v1', discoveryV1],
      ['io.k8s.api.discovery.v1beta1', discoveryV1beta1],
      ['io.k8s.api.events.v1', eventsV1],
      ['io.k8s.api.events.v1beta1', eventsV1beta1],
      ['io.k8s.api.extensions.v1beta1', extensionsV1beta1],
      ['io.k8s.api.flowcontrol.v1', flowcontrolV1],
      ['io.k8s.api.flowcontrol.v1alpha1', flowcontrolV1alpha1],
      ['io.k8s.api.flowcontrol.v1beta1', flowcontrolV1beta1],
      ['io.k8s.api.imagepolicy.v1alpha1', imagepolicyV1alpha1],
      ['io.k8s.api.lifecycle.v1alpha1', lifecycleV1alpha1],
      ['io.k8s.api.networking.v1', networkingV1],
      ['io.k8s.api.networking.v1beta1', networkingV1beta1],
      ['io.k8s.api.node.v1', nodeV1],
      ['io.k8s.api.node.v1alpha1', nodeV1alpha1],
      ['io.k8s.api.node.v1beta1', nodeV1beta1],
      ['io.k8s.api.policy.v1', policyV1],
      ['io.k8s.api.policy.v1beta1', policyV1beta1],
      ['io.k8s.api.rbac.v1', rbacV1],
      ['io.k8s.api.rbac.v1alpha1', rbacV1alpha1],
      ['io.k8s.api.rbac.v1beta1', rbacV1beta1],
      ['io.k8s.api.resource.v1', resourceV1],
      ['io.k8s.api.resource.v1alpha3', resourceV1alpha3],
      ['io.k8s.api.resource.v1beta1', resourceV1beta1],
      ['io.k8s.api.resource.v1beta2', resourceV1beta2],
      ['io.k8s.api.scheduling.v1', schedulingV1],
      ['io.k8s.api.scheduling.v1alpha1', schedulingV1alpha1],
      ['io.k8s.api.scheduling.v1alpha2', schedulingV1alpha2],
      ['io.k8s.api.scheduling.v1alpha3', schedulingV1alpha3],
      ['io.k8s.api.scheduling.v1beta1', schedulingV1beta1],
      ['io.k8s.api.storage.v1', storageV1],
      ['io.k8s.api.storage.v1alpha1', storageV1alpha1],
      ['io.k8s.api.storage.v1beta1', storageV1beta1],
      ['io.k8s.api.storagemigration.v1', storagemigrationV1],
      ['io.k8s.api.storagemigration.v1beta1', storagemigrationV1beta1],
      ['io.k8s.apimachinery.pkg.api.resource', metaV1],
      ['io.k8s.apimachinery.pkg.apis.meta.v1', metaV1],
      ['io.k8s.apimachinery.pkg.runtime', metaV1],
      ['io.k8s.apimachinery.pkg.util.intstr', metaV1],
      ['io.k8s.apimachinery.pkg.version', metaV1],
      ['io.k8s.apimachinery.pkg.apis.meta.v1beta1', metaV1beta1],
    ]),
    hidden,
  );
}
