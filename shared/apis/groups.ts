/** All API groups, core first: served ones, and those only used within requests (AdmissionReview). */

import { admission } from './admission/install.ts';
import { admissionregistration } from './admissionregistration/install.ts';
import { apidiscovery } from './apidiscovery/install.ts';
import { apiextensions } from './apiextensions/install.ts';
import { apiregistration } from './apiregistration/install.ts';
import { apiserverinternal } from './apiserverinternal/install.ts';
import { apps } from './apps/install.ts';
import { authentication } from './authentication/install.ts';
import { authorization } from './authorization/install.ts';
import { autoscaling } from './autoscaling/install.ts';
import { batch } from './batch/install.ts';
import { certificates } from './certificates/install.ts';
import { coordination } from './coordination/install.ts';
import { core } from './core/install.ts';
import { discovery } from './discovery/install.ts';
import { events } from './events/install.ts';
import { extensions } from './extensions/install.ts';
import { flowcontrol } from './flowcontrol/install.ts';
import { imagepolicy } from './imagepolicy/install.ts';
import type { APIGroup } from './install-group.ts';
import { lifecycle } from './lifecycle/install.ts';
import { networking } from './networking/install.ts';
import { node } from './node/install.ts';
import { policy } from './policy/install.ts';
import { rbac } from './rbac/install.ts';
import { resource } from './resource/install.ts';
import { scheduling } from './scheduling/install.ts';
import { storage } from './storage/install.ts';
import { storagemigration } from './storagemigration/install.ts';

export const GROUPS: readonly APIGroup[] = [
  core,
  admission,
  admissionregistration,
  apidiscovery,
  apiextensions,
  apiregistration,
  apiserverinternal,
  apps,
  authentication,
  authorization,
  autoscaling,
  batch,
  certificates,
  coordination,
  discovery,
  events,
  extensions,
  flowcontrol,
  imagepolicy,
  lifecycle,
  networking,
  node,
  policy,
  rbac,
  resource,
  scheduling,
  storage,
  storagemigration,
];
