package deploy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A worker that is to go gets the time to finish what it has in hand, and no
// more than the end of a spot instance leaves.
func TestDrainTime(t *testing.T) {
	hook := template(t)["Workers"]
	if got := hook.At("LifecycleHookSpecificationList", "LifecycleTransition"); got != "autoscaling:EC2_INSTANCE_TERMINATING" {
		t.Errorf("transition: got %v", got)
	}
	heartbeat := number(t, hook.At("LifecycleHookSpecificationList", "HeartbeatTimeout"))
	stop := number(t, setting(t, "systemd/cloudworks-worker.service", "TimeoutStopSec"))
	finish := number(t, setting(t, "systemd/cloudworks-drain.service", "TimeoutStopSec"))
	const look, spot = 5, 120 // seconds: between two looks at the metadata; notice of a spot instance's end
	if stop+look >= heartbeat || heartbeat >= spot || finish <= stop {
		t.Errorf("got stop %d, hook %d, drain %d s; want stop + %d < hook < %d, and drain above stop", stop, heartbeat, finish, look, spot)
	}
	if hook.At("NewInstancesProtectedFromScaleIn") != nil {
		t.Error("scale-in protection makes the group launch in circles")
	}
	data := userData(t, template(t)["WorkerTemplate"])
	for _, line := range []string{"CLOUDWORKS_HOOK=" + fmt.Sprint(hook.At("LifecycleHookSpecificationList", "LifecycleHookName")),
		"CLOUDWORKS_GROUP=" + texts(hook.At("AutoScalingGroupName"))[0]} {
		if !strings.Contains(data, line+"\n") {
			t.Errorf("the user data lacks %q", line)
		}
	}
}

// Workers follow the work: all of it, waiting and in hand, of both kinds, as
// seconds for each worker.
func TestWorkerScaling(t *testing.T) {
	all := template(t)
	policy := all["WorkerScaling"]
	if got := policy.At("PolicyType"); got != "TargetTrackingScaling" {
		t.Errorf("policy: got %v", got)
	}
	var counted []string
	var expression string
	for _, m := range list(policy.At("TargetTrackingConfiguration", "CustomizedMetricSpecification", "Metrics")) {
		metric := resource{Properties: asMap(t, m)}
		if e := metric.At("Expression"); e != nil {
			expression = texts(e)[0]
			if metric.At("ReturnData") != "true" {
				t.Error("the expression isn't what is tracked")
			}
			continue
		}
		if metric.At("ReturnData") != "false" {
			t.Errorf("%v is tracked beside the expression", metric.At("Id"))
		}
		counted = append(counted, fmt.Sprint(metric.At("MetricStat", "Metric", "MetricName"), " of ", texts(metric.At("MetricStat", "Metric", "Dimensions", "Value"))[0], " as ", metric.At("Id")))
	}
	want := []string{
		"ApproximateNumberOfMessagesVisible of RequestQueue.QueueName as lists",
		"ApproximateNumberOfMessagesNotVisible of RequestQueue.QueueName as listsInHand",
		"ApproximateNumberOfMessagesVisible of Inbox.QueueName as pictures",
		"ApproximateNumberOfMessagesNotVisible of Inbox.QueueName as picturesInHand",
		"GroupInServiceInstances of Workers as workers",
	}
	if !slices.Equal(counted, want) {
		t.Errorf("got %q\nwant %q", counted, want)
	}
	const wantExpression = "((FILL(lists, 0) + FILL(listsInHand, 0)) * ${SecondsPerCalculation} + (FILL(pictures, 0) + FILL(picturesInHand, 0)) * ${SecondsPerPicture}) / IF(workers > 0, workers, 1)"
	if expression != wantExpression {
		t.Errorf("got %s\nwant %s", expression, wantExpression)
	}
	// That metric is published only where it is asked for.
	if !slices.Contains(texts(all["Workers"].At("MetricsCollection", "Metrics")), "GroupInServiceInstances") {
		t.Error("the group doesn't publish GroupInServiceInstances")
	}
}

func TestWorkersAreSpotOnABase(t *testing.T) {
	workers := template(t)["Workers"]
	if got := texts(workers.At("MixedInstancesPolicy", "InstancesDistribution", "OnDemandBaseCapacity")); !slices.Equal(got, []string{"WorkerOnDemand"}) {
		t.Errorf("base: got %v", got)
	}
	if got := workers.At("MixedInstancesPolicy", "InstancesDistribution", "OnDemandPercentageAboveBaseCapacity"); got != "0" {
		t.Errorf("on demand above the base: got %v %%", got)
	}
	if n := len(list(workers.At("MixedInstancesPolicy", "LaunchTemplate", "Overrides"))); n < 4 {
		t.Errorf("%d types of instance; spot needs a choice", n)
	}
}

// Whatever ails is told to somebody, and told again when it is over.
func TestAlarms(t *testing.T) {
	want := []string{"Errors", "ListsDead", "ListsWait", "NoWeb", "NoWorker", "PicturesDead", "PicturesWait"}
	var got []string
	for _, a := range ofKind(t, template(t), "AWS::CloudWatch::Alarm") {
		got = append(got, a.Name)
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			if !slices.Equal(texts(a.At(actions)), []string{"Alarms"}) {
				t.Errorf("%s: %s: got %v", a.Name, actions, texts(a.At(actions)))
			}
		}
		if a.At("AlarmDescription") == nil {
			t.Errorf("%s doesn't say what is wrong", a.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func number(t *testing.T, v any) int {
	t.Helper()
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
