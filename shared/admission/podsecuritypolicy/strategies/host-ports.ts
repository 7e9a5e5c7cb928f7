import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Host ports that containers may use. */
export const hostPorts: StrategyFactory = ({ spec: { hostPorts: ranges = [] } }) => {
  const shown = ranges.map(({ min, max }) => (min === max ? `${min}` : `${min}-${max}`)).join(',');
  return {
    validateContainer: (_pod, { ports = [] }, path) =>
      ports.flatMap(({ hostPort: port = 0 }) => {
        if (port <= 0 || ranges.some(({ min, max }) => port >= min && port <= max)) return [];
        const detail = `Host port ${port} is not allowed to be used. Allowed ports: [${shown}]`;
        return [invalid(path.child('hostPort'), port, detail)];
      }),
  };
};
