/** `import { startControlPlane } from 'zeroplane'` */

export {
  type ControlPlane,
  type StartControlPlaneOptions,
  startControlPlane,
} from './start-control-plane.ts';
