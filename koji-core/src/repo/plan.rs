//! What to do about the requests that wait: a pure decision over them, their tasks and what came of these.

use super::find::suits;
use super::queue::QueueRow;
use super::row::RepoRow;
use super::state::RepoState;
use crate::Result;
use crate::task::state::TaskState;

/// How many tasks there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tasks at the same time
    pub tasks: i64,
    /// Of these with a Maven repository
    pub maven: i64,
    /// How often a request whose task failed is tried again
    pub retries: i64,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It gets a task
    Start,
    /// Its task failed: it waits for another one
    Forget,
    /// Its tasks failed too often
    GiveUp,
    /// There is a repository for it
    Fulfilled(i32),
}

/// The steps, by the ids of the requests. `made` are the repositories that tasks of the requests made.
pub fn plan(waiting: &[QueueRow], made: &[RepoRow], limits: Limits) -> Result<Vec<(i32, Step)>> {
    let mut steps = Vec::new();
    let mut free: Vec<&QueueRow> = Vec::new();
    let (mut tasks, mut maven) = (0, 0);
    for request in waiting {
        let wants_maven = request.named_opts()?.maven == Some(true);
        match outcome(request, made)? {
            Outcome::NoTask => free.push(request),
            Outcome::Works => {
                tasks += 1;
                maven += i64::from(wants_maven);
            }
            Outcome::Repo(repo) => steps.push((request.id, Step::Fulfilled(repo))),
            Outcome::Failed if i64::from(request.tries) > limits.retries => {
                tracing::error!(request = request.id, "too many tasks failed for a request for a repo");
                steps.push((request.id, Step::GiveUp));
            }
            Outcome::Failed => free.push(request),
        }
    }
    for request in free {
        let wants_maven = request.named_opts()?.maven == Some(true);
        if tasks < limits.tasks && !(wants_maven && maven >= limits.maven) {
            tasks += 1;
            maven += i64::from(wants_maven);
            steps.push((request.id, Step::Start));
        } else if request.task_id.is_some() {
            steps.push((request.id, Step::Forget));
        }
    }
    Ok(steps)
}

/// What came of a request's task.
enum Outcome {
    NoTask,
    Works,
    Failed,
    Repo(i32),
}

fn outcome(request: &QueueRow, made: &[RepoRow]) -> Result<Outcome> {
    let (Some(task), Some(state)) = (request.task_id, request.task_state) else { return Ok(Outcome::NoTask) };
    let state = TaskState::from_number(state.into())?;
    if !state.is_finished() {
        return Ok(Outcome::Works);
    }
    let opts = request.named_opts()?;
    for repo in made.iter().filter(|repo| repo.task_id == Some(task) && state == TaskState::Closed) {
        let ready = repo.state == i32::from(RepoState::Ready.number()) && !repo.dist;
        if repo.tag_id == request.tag_id && ready && suits(repo, request.event(), &opts)? {
            return Ok(Outcome::Repo(repo.id));
        }
    }
    Ok(Outcome::Failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::Time;

    const LIMITS: Limits = Limits { tasks: 2, maven: 1, retries: 3 };

    fn request(id: i32, task: Option<TaskState>, opts: serde_json::Value) -> QueueRow {
        QueueRow {
            id,
            create_time: Time(0.0),
            create_ts: 0.0,
            owner: 1,
            owner_name: None,
            priority: 20,
            tag_id: 5,
            tag_name: None,
            at_event: None,
            min_event: Some(7),
            opts,
            update_time: Time(0.0),
            update_ts: 0.0,
            active: true,
            task_id: task.map(|_| 100 + id),
            task_state: task.map(|state| state.number().into()),
            tries: 1,
            repo_id: None,
        }
    }

    fn repo(id: i32, task: i32, event: i32) -> RepoRow {
        RepoRow {
            id,
            tag_id: 5,
            tag_name: None,
            creation_time: None,
            creation_ts: None,
            state_time: None,
            state_ts: None,
            create_event: event,
            create_ts: None,
            begin_event: None,
            begin_ts: None,
            end_event: None,
            end_ts: None,
            state: 1,
            dist: false,
            opts: Some(json!({"src": false})),
            custom_opts: Some(json!({})),
            task_id: Some(task),
            task_state: None,
        }
    }

    #[test]
    fn as_many_tasks_as_may_be() {
        let waiting = [
            request(1, Some(TaskState::Open), json!({"maven": true})),
            request(2, None, json!({"maven": true})),
            request(3, None, json!({})),
            request(4, None, json!({})),
        ];
        assert_eq!(plan(&waiting, &[], LIMITS).unwrap(), [(3, Step::Start)]);
    }

    #[test]
    fn what_came_of_tasks() {
        let mut tired = request(3, Some(TaskState::Failed), json!({}));
        tired.tries = 4;
        let waiting = [
            request(1, Some(TaskState::Closed), json!({})),
            request(2, Some(TaskState::Canceled), json!({})),
            tired,
            request(4, Some(TaskState::Closed), json!({"src": true})),
            request(5, Some(TaskState::Closed), json!({})),
        ];
        let made = [repo(11, 101, 7), repo(14, 104, 8), repo(15, 105, 6)];
        let steps = plan(&waiting, &made, LIMITS).unwrap();
        assert_eq!(
            steps,
            [
                (1, Step::Fulfilled(11)),
                (3, Step::GiveUp),
                (2, Step::Start),
                (4, Step::Start),
                (5, Step::Forget)
            ]
        );
    }
}
