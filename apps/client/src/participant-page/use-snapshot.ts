import { useSyncExternalStore } from 'react';
import type { Session } from './session.ts';

export const useSnapshot = (session: Session) => useSyncExternalStore(session.subscribe, session.snapshot);
