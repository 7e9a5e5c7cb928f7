import { setTaintDefaults } from '../defaults.ts';
import type { DeviceTaintRule } from './types.ts';

/** Also of v1alpha3. */
export const setDeviceTaintRuleDefaults = ({ spec }: DeviceTaintRule): void => setTaintDefaults(spec.taint);
