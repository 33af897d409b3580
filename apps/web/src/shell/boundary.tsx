import { Component, type ReactNode } from 'react';
import { useText } from '../text/language.ts';
import { Problem, troubleOf } from '../ui/problem.tsx';

/** A page that fails takes no other one with it. React knows error boundaries as classes only. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Broken error={this.state.error} />;
  }
}

/** Most often a page whose files a newer build replaced: loaded anew it is there. */
function Broken({ error }: { readonly error: unknown }) {
  const text = useText();
  const { code, message } = troubleOf(error);
  return (
    <Problem trouble={{ code, message: text.shell.problem, next: message }} retry={() => window.location.reload()} />
  );
}
