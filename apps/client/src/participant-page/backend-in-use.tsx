import { Text } from '@mantine/core';
import type { BackendReport } from '@tributary/fl-core';
import { Notice } from '../appearance/notice.tsx';
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
            {words.backendNames[backend.name]}
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
      {backend && <WhatHappened backend={backend} />}
      {backend && backend.passedOver.length > 0 && (
        <details>
          <summary>{text.whyNot}</summary>
          <ul>
            {backend.passedOver.map(({ name, reason }) => (
              <li key={`${name} ${reason}`}>
                <Text size="sm">
                  {words.backendNames[name]}: {reason}
                </Text>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What nobody should have to look for: a lost device, and kernels that compute something else. */
function WhatHappened({ backend }: { backend: BackendReport }) {
  const text = words.taking;
  const loss = backend.losses?.at(-1);
  const wrong = backend.passedOver.filter(({ kernel }) => kernel !== undefined);
  const nameOf = (name: BackendReport['name']) => words.backendNames[name];
  return (
    <>
      {loss && (
        <Notice tone="careful" data-testid="backend-lost" data-outcome={loss.outcome}>
          {loss.outcome === 'reopened'
            ? text.lost.reopened(nameOf(loss.name))
            : text.lost.passedOver(nameOf(loss.name), nameOf(backend.name))}
        </Notice>
      )}
      {wrong.map(({ name, kernel = '', reason }) => (
        <Notice tone="careful" key={reason} data-testid="kernel-failed" data-kernel={kernel}>
          {text.kernelFailed(nameOf(name), kernel)}
        </Notice>
      ))}
    </>
  );
}
