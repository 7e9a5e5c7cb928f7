import { SYSTEM_PRIORITY_CLASSES } from '../../apis/scheduling/system-priority-classes.ts';
import type { EnsureStep } from '../ensure-step.ts';
import { ensureObjects } from './ensure-objects.ts';

const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' };

export const systemPriorityClasses: EnsureStep = {
  name: 'poststarthook/scheduling/bootstrap-system-priority-classes',
  run: (resources) => ensureObjects(resources, PRIORITY_CLASSES, SYSTEM_PRIORITY_CLASSES),
};
