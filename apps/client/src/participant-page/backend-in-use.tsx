import { Text } from '@mantine/core';
import type { BackendReport } from '@tributary/fl-core';
import { words } from '../messages/index.ts';
import { deviceAbilities } from './device.ts';

/** Which backend trains here, and for each better one why it does not. */
export function BackendInUse({ backend, speed }: { backend: BackendReport | null; speed: number | null }) {
  const text = words.taking;
  const { secureContext, webGpu } = deviceAbilities();
  return (
    <div data-testid="backend" data-backend={backend?.name ?? ''} data-adapter={backend?.adapter ?? ''}>
      <Text size="sm">
        <span className="quiet">{text.backend} </span>
        {backend ? (
          <b>
            {text.backendNames[backend.name]}
            {backend.adapter && ` · ${backend.adapter}`}
          </b>
        ) : (
          text.backendPending
        )}
        {speed !== null && speed > 0 && <span className="quiet">, {text.speed(speed)}</span>}
      </Text>
      {secureContext && !webGpu && (
        <Text size="sm" className="quiet">
          {words.device.noWebGpu}
        </Text>
      )}
      {backend && backend.passedOver.length > 0 && (
        <details>
          <summary>{text.whyNot}</summary>
          <ul>
            {backend.passedOver.map(({ name, reason }) => (
              <li key={name}>
                <Text size="sm">
                  {text.backendNames[name]}: {reason}
                </Text>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
