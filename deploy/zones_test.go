package deploy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Everything stands in two zones, so that the loss of one is no outage.
func TestTwoZones(t *testing.T) {
	all := template(t)
	zones := map[string]string{} // subnet by zone
	var subnets []string
	for _, s := range ofKind(t, all, "AWS::EC2::Subnet") {
		zone := fmt.Sprint(s.At("AvailabilityZone"))
		if other, taken := zones[zone]; taken {
			t.Errorf("%s and %s are in one zone", s.Name, other)
		}
		zones[zone] = s.Name
		subnets = append(subnets, s.Name)
	}
	if len(subnets) < 2 {
		t.Errorf("got subnets %v, want two", subnets)
	}
	for _, where := range []struct{ kind, property string }{
		{"AWS::AutoScaling::AutoScalingGroup", "VPCZoneIdentifier"},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", "Subnets"},
	} {
		for _, r := range ofKind(t, all, where.kind) {
			if got := texts(r.At(where.property)); !slices.Equal(got, subnets) {
				t.Errorf("%s is in %v, want %v", r.Name, got, subnets)
			}
		}
	}
	sqs := all["SQSEndpoint"]
	if got := texts(sqs.At("SubnetIds")); !slices.Equal(got, subnets) || sqs.At("PrivateDnsEnabled") != "true" {
		t.Errorf("SQS's endpoint is in %v, under its own name: %v", got, sqs.At("PrivateDnsEnabled"))
	}
}

// The dashboard is JSON, and shows every alarm there is.
func TestDashboard(t *testing.T) {
	all := template(t)
	body := texts(all["Dashboard"].At("DashboardBody"))[0]
	plain := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(body, "x")
	if !json.Valid([]byte(plain)) {
		t.Error("the dashboard's body is no JSON")
	}
	for _, a := range ofKind(t, all, "AWS::CloudWatch::Alarm") {
		if !strings.Contains(body, ":alarm:${"+a.Name+"}") {
			t.Errorf("the dashboard doesn't show %s", a.Name)
		}
	}
}
