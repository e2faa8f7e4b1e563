//! What is done when a question has no answer, and what is said of it.

use ::elli::Error;
use ladebuch_domain::source::{Connection, Problem, ProblemKind};

use super::ledger::LedgerError;
use super::poll::{Failure, Job, Step};
use super::problem::{SyncProblem, SyncTrouble};
use super::tokens::CallError;
use super::{Worker, chance};
use crate::live::SourceEvent;

impl Worker {
    /// A question has no answer.
    pub(super) async fn go_without(&mut self, job: &Job, error: CallError) {
        let (now, chance) = (self.clock.now(), chance());
        let (failure, problem, kind) = match &error {
            // The keeper has said so, too.
            CallError::SignedOut => return self.lay_down(ProblemKind::SignedOut).await,
            CallError::SignInAgain => return self.lay_down(ProblemKind::SignInAgain).await,
            // The keeper has not sent it.
            CallError::Secret(_) => {
                let problem = SyncProblem {
                    trouble: SyncTrouble::SecretsUnavailable,
                    status: None,
                    detail: error.to_string(),
                };
                (Failure::Unsent, problem, ProblemKind::PasswordUnavailable)
            }
            CallError::Elli(error) => (failure(job, error), SyncProblem::of(error), kind(error)),
        };
        let cut_off = matches!(
            error,
            CallError::Elli(Error::Unreachable { .. } | Error::Untrusted { .. })
        );
        tracing::info!(source = %self.account.source, %error, "Elli has not answered a question");
        if failure == Failure::Refused {
            self.walks.give_up(job);
        }
        self.schedule.failed(job, failure, now, chance);
        // What is only a decoration may be missing.
        if job.is_decoration() && matches!(failure, Failure::Refused | Failure::Barred) {
            self.problems.remove(job);
        } else {
            // A sum that Elli does not tell takes nothing from what is live.
            let is_sum = matches!(job, Job::Total(_)) && matches!(failure, Failure::Later(_));
            let kind = Some(kind).filter(|_| cut_off || !is_sum);
            self.problems.insert(job.clone(), (problem, kind));
        }
        if cut_off {
            self.fall().await;
        } else {
            self.tell_trouble().await;
        }
    }

    /// Nothing can be asked until somebody signs in.
    pub(super) async fn lay_down(&mut self, kind: ProblemKind) {
        let (trouble, detail) = if kind == ProblemKind::SignInAgain {
            (SyncTrouble::SignInAgain, CallError::SignInAgain.to_string())
        } else {
            (SyncTrouble::SignedOut, CallError::SignedOut.to_string())
        };
        self.schedule.rest();
        self.walks.break_off();
        self.problems.clear();
        self.up = false;
        let problem = Problem {
            kind,
            detail: detail.clone().into(),
            fingerprint: None,
        };
        self.trouble = Some(problem.clone());
        self.account.show(|view| {
            view.sync.problem = Some(SyncProblem {
                trouble,
                status: None,
                detail,
            });
            view.records = self.walks.view();
        });
        self.connection(Connection::Down, Some(problem), None).await;
    }

    /// Elli cannot be reached.
    async fn fall(&mut self) {
        self.up = false;
        self.trouble = self.worst();
        let retry_at = match self.schedule.next(self.clock.now()) {
            Step::Wait(until) => Some(until),
            Step::Ask(_) | Step::Rest => None,
        };
        self.show_problem();
        self.connection(Connection::Down, self.trouble.clone(), retry_at)
            .await;
    }

    /// Tells the live view, if it has changed, what is wrong although Elli can be reached.
    pub(super) async fn tell_trouble(&mut self) {
        self.show_problem();
        let worst = self.worst();
        if worst != self.trouble {
            self.trouble.clone_from(&worst);
            self.mouth.say(SourceEvent::Trouble(worst)).await;
        }
    }

    pub(super) fn worst(&self) -> Option<Problem> {
        self.problems.values().find_map(|(problem, kind)| {
            Some(Problem {
                kind: (*kind)?,
                detail: problem.detail.clone().into(),
                fingerprint: None,
            })
        })
    }

    fn show_problem(&self) {
        let problem = self.problems.values().next();
        self.account
            .show(|view| view.sync.problem = problem.map(|(problem, _)| problem.clone()));
    }

    /// What was learnt cannot be kept.
    pub(super) fn note_unkept(&mut self, job: &Job, error: &LedgerError) {
        tracing::warn!(source = %self.account.source, %error, "what Elli says cannot be kept");
        let problem = SyncProblem {
            trouble: SyncTrouble::NotKept,
            status: None,
            detail: error.to_string(),
        };
        self.problems.insert(job.clone(), (problem, None));
    }
}

fn failure(job: &Job, error: &Error) -> Failure {
    match error {
        Error::Refused { .. } | Error::InvalidId => Failure::Refused,
        Error::Unauthorized if job.is_decoration() => Failure::Barred,
        error => Failure::Later(error.retry_after()),
    }
}

fn kind(error: &Error) -> ProblemKind {
    match error {
        Error::Untrusted { .. } => ProblemKind::TlsUntrusted,
        Error::Timeout => ProblemKind::Timeout,
        Error::ConnectionLost => ProblemKind::ConnectionLost,
        _ => ProblemKind::ElliUnavailable,
    }
}
