import type { ReactNode } from 'react';
import css from './toasts.module.css';

export const ToastText = ({ children }: { readonly children: ReactNode }) => (
  <div className={css['text']}>{children}</div>
);
